package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.PortException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls scripts one by one. For those of inboxes, whose order matters, there is {@link InboxPipeline}. Safe for
 * concurrent use; stages fail only with {@link PortException}.
 */
final class RedisScripts {

    private final Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands;

    /** @param commands the connection to use; may throw {@link PortException} */
    RedisScripts(Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands) {
        this.commands = commands;
    }

    CompletionStage<List<Object>> call(LuaScript script, List<byte[]> keys, List<byte[]> arguments) {
        byte[][] names = keys.toArray(byte[][]::new);
        byte[][] values = arguments.toArray(byte[][]::new);
        try {
            return RedisFailures.translated(commands.get()
                    .<List<Object>>evalsha(script.sha(), ScriptOutputType.MULTI, names, values)
                    .exceptionallyCompose(failure -> isUnknown(failure)
                            ? commands.get().eval(script.source(), ScriptOutputType.MULTI, names, values)
                            : CompletableFuture.failedFuture(failure)));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(RedisFailures.translate(e));
        }
    }

    /** Whether a call failed only because Redis has not seen the script's source, or has forgotten it. */
    static boolean isUnknown(@Nullable Throwable failure) {
        Throwable t = failure instanceof CompletionException ? failure.getCause() : failure;
        return t instanceof RedisNoScriptException;
    }
}
