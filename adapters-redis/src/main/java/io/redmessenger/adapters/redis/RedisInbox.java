package io.redmessenger.adapters.redis;

import static io.redmessenger.adapters.redis.ScriptArguments.utf8;

import io.redmessenger.application.port.out.AppendResult;
import io.redmessenger.application.port.out.Attachment;
import io.redmessenger.application.port.out.Attempt;
import io.redmessenger.application.port.out.Claim;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.Inbox;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.connection.Presence;
import io.redmessenger.domain.delivery.Delivery;
import io.redmessenger.domain.delivery.InboxPolicy;
import io.redmessenger.domain.delivery.Page;
import io.redmessenger.domain.message.Message;
import io.redmessenger.domain.message.MessageId;
import io.redmessenger.domain.recipient.UserId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Inboxes as a LIST of entries and a HASH of state for each user, changed by scripts only. */
final class RedisInbox implements Inbox {

    /** How much longer the state is kept than the messages, so that views survive a quiet time. */
    static final Duration STATE_OUTLIVES = Duration.ofHours(1);

    /** What the field begins with by which a node is registered at an inbox. */
    private static final String REGISTRATION = "n:";

    private static final byte[] NOTHING = {};
    private static final int PAGE_BYTES = 512 * 1024;
    private static final int PAGE_CHUNK = 32;
    private static final int MAX_COUNT = 1024;
    private static final int PAGE_FIELDS = 5;

    private final RequestPipeline pipeline;
    private final RedisKeys keys;
    private final String node;
    private final OtherNodes others;
    private final Registered registered;
    private final InboxEntries entries;
    private final Clock clock;
    private final AppendRequest.Node appends;
    private final PartialAppends partial = new PartialAppends();

    /** Reads the fields of a HASH of state. */
    interface Registered {
        CompletionStage<List<byte[]>> fields(byte[] state);
    }

    RedisInbox(
            RequestPipeline pipeline,
            RedisKeys keys,
            String node,
            OtherNodes others,
            Registered registered,
            InboxEntries entries,
            Clock clock) {
        this.pipeline = pipeline;
        this.keys = keys;
        this.node = node;
        this.others = others;
        this.registered = registered;
        this.entries = entries;
        this.clock = clock;
        this.appends = new AppendRequest.Node(keys, node, STATE_OUTLIVES.toMillis(), others);
    }

    @Override
    public CompletionStage<List<AppendResult>> append(
            Message message, List<UserId> users, InboxPolicy policy, boolean again, Optional<Claim> claim) {
        if (keys.areSpread() && claim.isPresent()) {
            return appendIfAllowed(message, users, policy, again, claim.get());
        }
        Attempt attempt = claim.map(Claim::attempt).orElseGet(Attempt::new);
        return append(message, users, policy, again, claim, false, attempt);
    }

    /** In a cluster the claim is checked before, and noted afterwards, for it is at another server. */
    private CompletionStage<List<AppendResult>> appendIfAllowed(
            Message message, List<UserId> users, InboxPolicy policy, boolean again, Claim claim) {
        ClaimRequest question = new ClaimRequest(keys, claim, Duration.ZERO);
        CompletionStage<List<AppendResult>> appended = question.state.thenCompose(state -> state == ClaimRequest.OVER
                ? CompletableFuture.failedFuture(
                        new PortException(ErrorCode.LEASE_OVER, "the lease is over, nothing was stored"))
                : append(message, users, policy, again, Optional.empty(), state == ClaimRequest.DONE, claim.attempt()));
        pipeline.submit(List.of(question));
        return RedisFailures.translated(
                claim.completes() ? appended.thenCompose(results -> note(claim, results)) : appended);
    }

    private CompletionStage<List<AppendResult>> note(Claim claim, List<AppendResult> results) {
        ClaimRequest note = new ClaimRequest(keys, claim, AppendRequest.DONE_FOR);
        pipeline.submit(List.of(note));
        return note.state.thenApply(state -> results);
    }

    private CompletionStage<List<AppendResult>> append(
            Message message,
            List<UserId> users,
            InboxPolicy policy,
            boolean again,
            Optional<Claim> checked,
            boolean isDone,
            Attempt attempt) {
        if (users.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        Map<UserId, AppendResult> before = again ? partial.of(message.id()) : Map.of();
        List<UserId> missing = before.isEmpty()
                ? users
                : users.stream().filter(user -> !before.containsKey(user)).toList();
        List<AppendRequest> requests = requests(message, missing, policy, again, checked, isDone, attempt);
        pipeline.submit(requests);
        if (before.isEmpty() && requests.size() == 1) {
            return requests.get(0).results;
        }
        CompletableFuture<?>[] results =
                requests.stream().map(request -> request.results).toArray(CompletableFuture<?>[]::new);
        CompletionStage<List<AppendResult>> all = CompletableFuture.allOf(results)
                .whenComplete((done, failure) -> remember(message.id(), requests, failure != null))
                .thenApply(done -> inOrder(users, before, requests));
        if (checked.filter(Claim::completes).isPresent()) { // calls may change places: only now is all of it done
            all = all.thenCompose(inOrder -> {
                AppendRequest done =
                        new AppendRequest(appends, NOTHING, List.of(), policy, false, checked, false, new Attempt());
                pipeline.submit(List.of(done));
                return done.results.thenApply(nothing -> inOrder);
            });
        }
        return RedisFailures.translated(all);
    }

    private List<AppendRequest> requests(
            Message message,
            List<UserId> users,
            InboxPolicy policy,
            boolean again,
            Optional<Claim> checked,
            boolean isDone,
            Attempt attempt) {
        byte[] json = MessageJson.encode(message);
        int size = AppendRequest.usersPerRequest(again);
        Optional<Claim> ofRequest = users.size() > size ? checked.map(Claim::inPart) : checked;
        List<AppendRequest> requests = new ArrayList<>(users.size() / size + 1);
        for (List<UserId> together : keys.areSpread() ? ClusterPipeline.bySlot(users, keys::slot) : List.of(users)) {
            for (int from = 0; from < together.size(); from += size) {
                List<UserId> some = together.subList(from, Math.min(together.size(), from + size));
                requests.add(
                        new AppendRequest(appends, json, List.copyOf(some), policy, again, ofRequest, isDone, attempt));
            }
        }
        return requests;
    }

    private void remember(MessageId id, List<AppendRequest> requests, boolean someFailed) {
        if (someFailed) {
            partial.remember(
                    id,
                    requests.stream()
                            .filter(request -> !request.results.isCompletedExceptionally())
                            .flatMap(request -> request.results.getNow(List.of()).stream())
                            .toList());
        } else {
            partial.forget(id);
        }
    }

    /** All of them have completed. */
    private static List<AppendResult> inOrder(
            List<UserId> users, Map<UserId, AppendResult> before, List<AppendRequest> requests) {
        Map<UserId, AppendResult> byUser = new HashMap<>(before);
        requests.forEach(
                request -> request.results.getNow(List.of()).forEach(result -> byUser.put(result.user(), result)));
        return users.stream()
                .map(user -> Objects.requireNonNull(byUser.get(user)))
                .toList();
    }

    @Override
    public CompletionStage<Attachment> attach(UserId user, InboxPolicy policy, Presence presence) {
        CompletionStage<Attachment> attached = attach(user, policy, presence, List.of());
        return keys.areSpread()
                ? attached.thenCompose(attachment -> strangers(user)
                        .thenCompose(others::deadAmong)
                        .thenCompose(dead -> dead.isEmpty()
                                ? CompletableFuture.completedFuture(attachment)
                                : attach(user, policy, presence, dead)))
                : attached;
    }

    /** Other nodes that are registered. */
    private CompletionStage<List<String>> strangers(UserId user) {
        return registered
                .fields(keys.state(user))
                .thenApply(fields -> fields.stream()
                        .map(Epochs::text)
                        .filter(field -> field.startsWith(REGISTRATION) && !field.equals(REGISTRATION + node))
                        .map(field -> field.substring(REGISTRATION.length()))
                        .toList());
    }

    private CompletionStage<Attachment> attach(UserId user, InboxPolicy policy, Presence presence, List<String> dead) {
        return ask(
                        LuaScript.ATTACH,
                        user,
                        utf8(node),
                        others.channels(dead),
                        Epochs.next(),
                        utf8(policy.expiry().toMillis()),
                        utf8(STATE_OUTLIVES.toMillis()),
                        utf8(user.value()),
                        utf8(clock.millis()),
                        utf8(presence.limit()),
                        Registrations.encode(presence.connections()))
                .thenApply(reply -> new Attachment(
                        Epochs.text(reply.get(0)),
                        (Long) reply.get(1),
                        (Long) reply.get(2),
                        (Long) reply.get(3),
                        (Long) reply.get(4),
                        (Long) reply.get(5),
                        Registrations.decode((byte[]) reply.get(7)),
                        (Long) reply.get(6) == 1));
    }

    @Override
    public CompletionStage<Void> detach(Progress progress, long shown) {
        ProgressRequest request = new ProgressRequest(keys, node, progress, Math.max(0, shown));
        pipeline.submit(List.of(request));
        return RedisFailures.translated(request.fits.thenAccept(fits -> {}));
    }

    @Override
    public CompletionStage<Boolean> acknowledge(Progress progress) {
        ProgressRequest request = new ProgressRequest(keys, node, progress, ProgressRequest.STAYING);
        pipeline.submit(List.of(request));
        return request.fits;
    }

    @Override
    public CompletionStage<Optional<Page>> page(UserId user, String epoch, long first, int count) {
        checkCount(count);
        CompletableFuture<Optional<Page>> page = new CompletableFuture<>();
        readPage(user, epoch, first, count, page);
        return page;
    }

    /** Reads on behind entries of which none is readable. */
    private void readPage(UserId user, String epoch, long first, int count, CompletableFuture<Optional<Page>> page) {
        LoneRequest request = pageRequest(user, epoch.isEmpty() ? "-" : epoch, first, count);
        CompletionStage<List<?>> answer = request.reply;
        answer.whenComplete((reply, failure) -> {
            if (failure != null) {
                page.completeExceptionally(RedisFailures.translate(failure));
                return;
            }
            if (reply.isEmpty()) {
                page.complete(Optional.empty());
                return;
            }
            long from = (Long) reply.get(1);
            long last = (Long) reply.get(2);
            List<?> found = reply.subList(PAGE_FIELDS, reply.size());
            List<Delivery.Queued> readable = entries.read(user, epoch, from, found);
            long next = from + found.size();
            if (readable.isEmpty() && !found.isEmpty() && next <= last) {
                readPage(user, epoch, next, count, page);
            } else {
                page.complete(Optional.of(new Page(readable, last, (Long) reply.get(3))));
            }
        });
        pipeline.submit(List.of(request));
    }

    @Override
    public CompletionStage<Contents> peek(UserId user, int count) {
        checkCount(count);
        LoneRequest request = pageRequest(user, "", 0, count);
        pipeline.submit(List.of(request));
        return RedisFailures.translated(request.reply.thenApply(reply -> new Contents(
                (Long) reply.get(4),
                entries
                        .read(
                                user,
                                Epochs.text(reply.get(0)),
                                (Long) reply.get(1),
                                reply.subList(PAGE_FIELDS, reply.size()))
                        .stream()
                        .map(Delivery.Queued::message)
                        .toList())));
    }

    private LoneRequest pageRequest(UserId user, String epoch, long first, int count) {
        return new LoneRequest(
                LuaScript.PAGE, keys, user, utf8(epoch), utf8(first), utf8(count), utf8(PAGE_BYTES), utf8(PAGE_CHUNK));
    }

    @Override
    public CompletionStage<Long> clear(UserId user) {
        return ask(LuaScript.CLEAR, user).thenApply(reply -> (Long) reply.get(0));
    }

    private CompletionStage<List<?>> ask(LuaScript script, UserId user, byte[]... arguments) {
        LoneRequest request = new LoneRequest(script, keys, user, arguments);
        pipeline.submit(List.of(request));
        return request.reply;
    }

    private static void checkCount(int count) {
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("count must be 1 to " + MAX_COUNT + ", got " + count);
        }
    }
}
