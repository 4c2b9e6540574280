package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.UserId;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A call of its own about one inbox. */
final class LoneRequest implements InboxRequest {

    private static final int BYTES = 300;

    private final LuaScript script;
    private final RedisKeys keys;
    private final UserId user;
    private final byte[][] arguments;
    final CompletableFuture<List<?>> reply = new CompletableFuture<>();

    LoneRequest(LuaScript script, RedisKeys keys, UserId user, byte[]... arguments) {
        this.script = script;
        this.keys = keys;
        this.user = user;
        this.arguments = arguments;
    }

    @Override
    public LuaScript script() {
        return script;
    }

    @Override
    public boolean isShareable() {
        return false;
    }

    @Override
    public Collection<UserId> users() {
        return List.of(user);
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public void begin(ScriptArguments call) {
        call.call(arguments);
    }

    @Override
    public void addTo(ScriptArguments call) {
        call.key(keys.messages(user));
        call.key(keys.state(user));
    }

    @Override
    public int replies() {
        throw new IllegalStateException("the whole reply is for a request that is alone");
    }

    @Override
    public void complete(List<?> wholeReply) {
        reply.complete(wholeReply);
    }

    @Override
    public void fail(PortException failure) {
        reply.completeExceptionally(failure);
    }
}
