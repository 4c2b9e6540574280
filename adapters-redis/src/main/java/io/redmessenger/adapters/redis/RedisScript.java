package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A Lua script of ours. It is called by its digest, and sent whole only to a Redis that does not know it yet. */
final class RedisScript {

    private final String text;
    private final ScriptOutputType output;
    private volatile @Nullable String digest;

    private RedisScript(String text, ScriptOutputType output) {
        this.text = text;
        this.output = output;
    }

    /** Reads {@code lua/NAME.lua} beside this class. */
    static RedisScript named(String name, ScriptOutputType output) {
        String resource = "lua/" + name + ".lua";
        try (InputStream in = RedisScript.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing from this jar");
            }
            return new RedisScript(new String(in.readAllBytes(), StandardCharsets.UTF_8), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    <T> CompletionStage<T> call(RedisAsyncCommands<String, String> redis, String[] keys, String... arguments) {
        String known = digest;
        if (known == null) {
            known = redis.digest(text);
            digest = known;
        }
        CompletionStage<T> called = redis.evalsha(known, output, keys, arguments);
        return called.exceptionallyCompose(failure -> {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof RedisNoScriptException) {
                return redis.eval(text, output, keys, arguments);
            }
            return CompletableFuture.failedStage(failure);
        });
    }
}
