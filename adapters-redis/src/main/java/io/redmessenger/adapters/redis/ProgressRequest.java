package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.application.port.out.Progress;
import io.redmessenger.domain.delivery.Mark;
import io.redmessenger.domain.recipient.UserId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Records how far the views of one inbox have come, and ends the registration when there are none left. */
final class ProgressRequest implements InboxRequest {

    static final long STAYING = -1;

    private static final int BYTES = 300;
    private static final byte[] NONE = ScriptArguments.utf8("");
    private static final byte[] NOTHING_TOLD = ScriptArguments.utf8(0);
    private static final byte[] NOWHERE = ScriptArguments.utf8(-1);

    private final RedisKeys keys;
    private final String node;
    private final Progress progress;
    private final long shown;
    private final List<UserId> users;
    final CompletableFuture<Boolean> fits = new CompletableFuture<>();

    /** @param shown the position that messages were offered through; {@link #STAYING} when a view is left */
    ProgressRequest(RedisKeys keys, String node, Progress progress, long shown) {
        this.keys = keys;
        this.node = node;
        this.progress = progress;
        this.shown = shown;
        this.users = List.of(progress.user());
    }

    @Override
    public LuaScript script() {
        return LuaScript.ACKNOWLEDGE;
    }

    @Override
    public Collection<UserId> users() {
        return users;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public void begin(ScriptArguments arguments) {
        arguments.call(ScriptArguments.utf8(node));
    }

    @Override
    public void addTo(ScriptArguments arguments) {
        arguments.key(keys.messages(progress.user()));
        arguments.key(keys.state(progress.user()));
        Optional<Mark> done = progress.done();
        long offered = progress.offeredThrough();
        byte[] mark = done.isPresent() ? ScriptArguments.utf8(done.get().position()) : NOWHERE;
        arguments.entry(
                ScriptArguments.utf8(progress.epoch()),
                mark,
                done.isPresent() ? MessageJson.begin(done.get().id()) : NONE,
                done.isPresent() && done.get().position() == offered ? mark : ScriptArguments.utf8(offered),
                progress.told() == 0 ? NOTHING_TOLD : ScriptArguments.utf8(progress.told()),
                shown == STAYING ? NOWHERE : ScriptArguments.utf8(shown));
    }

    @Override
    public void complete(List<?> reply) {
        long answer = (Long) reply.get(0);
        if (answer < 0) {
            fail(new PortException(
                    ErrorCode.WRONG_KIND, "the inbox of " + progress.user() + " is something else in Redis"));
        } else {
            fits.complete(answer == 1);
        }
    }

    @Override
    public void fail(PortException failure) {
        fits.completeExceptionally(failure);
    }
}
