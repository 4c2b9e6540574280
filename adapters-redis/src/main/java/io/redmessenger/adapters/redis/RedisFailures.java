package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Translates what Lettuce throws, so that nothing of it passes a port. */
final class RedisFailures {

    private RedisFailures() {}

    /** Makes a call, whose failures, thrown or completed with, become those of a port. */
    static <T> CompletionStage<T> translated(Supplier<? extends CompletionStage<T>> call) {
        try {
            return call.get().exceptionallyCompose(failure -> CompletableFuture.failedStage(translate(failure)));
        } catch (RuntimeException failure) {
            return CompletableFuture.failedStage(translate(failure));
        }
    }

    static PortException translate(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof PortException port) {
            return port;
        }
        String message = "Redis: " + cause.getMessage();
        return new PortException(codeOf(cause), message, cause);
    }

    private static ErrorCode codeOf(Throwable cause) {
        if (cause instanceof RedisLoadingException
                || cause instanceof RedisBusyException
                || cause instanceof RedisReadOnlyException) {
            return ErrorCode.STORE_REFUSED;
        }
        if (cause instanceof RedisCommandExecutionException) {
            return codeOfReply(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof RedisCommandTimeoutException
                || cause instanceof RedisConnectionException
                || cause instanceof CancellationException
                || cause instanceof java.io.IOException
                || cause instanceof RedisException) {
            return ErrorCode.STORE_UNAVAILABLE;
        }
        return ErrorCode.INTERNAL;
    }

    private static ErrorCode codeOfReply(String reply) {
        if (reply.contains("WRONGTYPE")) {
            return ErrorCode.WRONG_KIND;
        }
        for (String refusal :
                new String[] {"OOM", "READONLY", "LOADING", "MISCONF", "NOREPLICAS", "BUSY", "MASTERDOWN"}) {
            if (reply.contains(refusal)) {
                return ErrorCode.STORE_REFUSED;
            }
        }
        for (String refusal : new String[] {"NOAUTH", "WRONGPASS", "NOPERM"}) {
            if (reply.contains(refusal)) {
                return ErrorCode.STORE_FORBIDDEN;
            }
        }
        return ErrorCode.INTERNAL;
    }
}
