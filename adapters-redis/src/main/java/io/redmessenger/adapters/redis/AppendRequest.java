package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attempt;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.InboxPlace;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.recipient.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Appends one message to some inboxes. */
final class AppendRequest implements InboxRequest {

    /** Looking for a message in an inbox takes so much longer than appending to it. */
    private static final int LOOKING_WEIGHT = 16;

    private static final int REPLIES = 3;
    private static final int HERE = 3; // what a sum in the reply is made of
    private static final int HERE_AND_OLDEST = 2;
    private static final int REPEATED = 4;
    private static final int ELSEWHERE_SHIFT = 3;
    private static final int ELSEWHERE = 0xffff;
    private static final int DROPPED_SHIFT = 19;
    private static final long OVER = -2;
    private static final byte[] NOTHING = {};
    private static final byte[] DONE = utf8("done");

    /** Longer than any node goes on trying to do again what is done. */
    static final Duration DONE_FOR = Duration.ofMinutes(10);

    private static final int BYTES_PER_USER = 160;

    /** What all appends of a node have in common. */
    record Node(RedisKeys keys, String name, long outlive, OtherNodes others) {}

    private final Node node;
    private final byte[] json;
    private final List<UserId> users;
    private final InboxPolicy policy;
    private final boolean again;
    private final Optional<Claim> claim;
    private final boolean done;
    private final Attempt attempt;
    final CompletableFuture<List<AppendResult>> results = new CompletableFuture<>();

    /**
     * @param claim to be checked with the append, and noted as done
     * @param done whether the piece of work that this belongs to is known to be done: then it only looks
     * @param attempt what it is a part of
     */
    AppendRequest(
            Node node,
            byte[] json,
            List<UserId> users,
            InboxPolicy policy,
            boolean again,
            Optional<Claim> claim,
            boolean done,
            Attempt attempt) {
        this.node = node;
        this.json = json;
        this.users = users;
        this.policy = policy;
        this.again = again;
        this.claim = claim;
        this.done = done;
        this.attempt = attempt;
    }

    /** How many users one request may have. */
    static int usersPerRequest(boolean again) {
        return again ? InboxPipeline.MAX_WEIGHT / LOOKING_WEIGHT : InboxPipeline.MAX_WEIGHT;
    }

    @Override
    public LuaScript script() {
        return LuaScript.APPEND;
    }

    @Override
    public Collection<UserId> users() {
        return users;
    }

    @Override
    public int weight() {
        return again ? users.size() * LOOKING_WEIGHT : users.size();
    }

    @Override
    public int bytes() {
        return json.length + users.size() * BYTES_PER_USER;
    }

    @Override
    public boolean isAbandoned() {
        return attempt.isAbandoned();
    }

    @Override
    public void begin(ScriptArguments arguments) {
        arguments.call(
                utf8(node.name()),
                node.others().channels(List.of()),
                Epochs.next(),
                utf8(Inbox.LOOK_BACK),
                utf8(node.outlive()));
    }

    @Override
    public void addTo(ScriptArguments arguments) {
        arguments.message(
                json,
                utf8(policy.limit() + " " + policy.expiry().toMillis() + (again ? " 1" : " 0")),
                done ? DONE : claim.map(claimed -> describe(claimed, arguments)).orElse(NOTHING),
                claim.map(claimed -> utf8(claimed.number())).orElse(NOTHING),
                utf8(users.size()));
        for (UserId user : users) {
            arguments.key(node.keys().messages(user));
            arguments.key(node.keys().state(user));
        }
    }

    private byte[] describe(Claim claimed, ScriptArguments arguments) {
        long remember = claimed.completes() ? DONE_FOR.toMillis() : 0;
        return utf8(arguments.seriesOf(claimed, node.keys()) + " " + remember);
    }

    @Override
    public int replies() {
        return users.size() * REPLIES;
    }

    @Override
    public void complete(List<?> reply) {
        if (!reply.isEmpty() && (Long) reply.get(0) == OVER) {
            fail(new PortException(ErrorCode.LEASE_OVER, "the lease is over, nothing was stored"));
            return;
        }
        List<AppendResult> answers = new ArrayList<>(users.size());
        int at = 0;
        for (UserId user : users) {
            long position = (Long) reply.get(at);
            if (position < 0) {
                answers.add(new AppendResult.Rejected(user, ErrorCode.WRONG_KIND));
            } else {
                long sum = (Long) reply.get(at + 2);
                answers.add(new AppendResult.Stored(
                        user,
                        new InboxPlace(Epochs.text(reply.get(at + 1)), position),
                        (int) (sum >> DROPPED_SHIFT),
                        (sum & HERE) > 0,
                        (int) (sum >> ELSEWHERE_SHIFT) & ELSEWHERE,
                        (sum & REPEATED) > 0,
                        (sum & HERE) == HERE_AND_OLDEST));
            }
            at += REPLIES;
        }
        results.complete(answers);
    }

    @Override
    public void fail(PortException failure) {
        results.completeExceptionally(failure);
    }
}
