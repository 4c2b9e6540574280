package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in the ports' words what Lettuce threw. */
final class RedisFailures {

    private static final Set<String> REFUSED = Set.of(
            "OOM",
            "READONLY",
            "LOADING",
            "NOREPLICAS",
            "MISCONF",
            "BUSY",
            "TRYAGAIN",
            "MASTERDOWN",
            "CLUSTERDOWN",
            "UNKILLABLE");
    private static final Set<String> ONLY_WRITES = Set.of("OOM", "MISCONF", "NOREPLICAS");
    private static final Set<String> REPLICA = Set.of("READONLY", "MASTERDOWN");
    private static final Set<String> FORBIDDEN = Set.of("NOAUTH", "WRONGPASS", "NOPERM");

    /** An error of a command within a script, as Redis before version 7 wraps it. */
    private static final Pattern WITHIN_SCRIPT = Pattern.compile("@user_script: ?\\d+: -?([A-Z]+) ");

    /** A right that is missing within a script: Redis 7.0 answers with ERR, others with NOPERM. */
    private static final String RIGHTS_OF_SCRIPT = "The user executing the script can't";

    private static final String ANSWERED = "Redis answered: ";

    private static final int MAX_DEPTH = 20;

    private RedisFailures() {}

    static PortException translate(Throwable failure) {
        Throwable root = unwrap(failure);
        if (root instanceof PortException port) {
            return port;
        }
        RedisCommandExecutionException answer = answerIn(root);
        if (answer != null) {
            String message = String.valueOf(answer.getMessage());
            return new PortException(codeOf(message), ANSWERED + message, root);
        }
        Optional<String> tls = RedisTls.explain(root);
        if (tls.isPresent()) {
            return new PortException(ErrorCode.STORE_UNAVAILABLE, tls.get(), root);
        }
        if (root instanceof RedisCommandTimeoutException || root instanceof TimeoutException) {
            return new PortException(ErrorCode.STORE_UNAVAILABLE, "Redis did not answer in time", root);
        }
        if (root instanceof RedisException
                || root instanceof IOException
                || root instanceof CancellationException
                || root instanceof RejectedExecutionException) {
            return new PortException(ErrorCode.STORE_UNAVAILABLE, "Redis cannot be reached: " + withReason(root), root);
        }
        return new PortException(ErrorCode.INTERNAL, "unexpected: " + root, root);
    }

    /**
     * Whether Redis has answered that it lacks something that writes need (memory, disk, replicas). It can be read, and
     * what it holds stays as it is.
     */
    static boolean refusesOnlyWrites(PortException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith(ANSWERED) && ONLY_WRITES.contains(wordOf(message.substring(ANSWERED.length())));
    }

    /** Whether Redis has answered that it is a replica. */
    static boolean isReadOnly(PortException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith(ANSWERED) && REPLICA.contains(wordOf(message.substring(ANSWERED.length())));
    }

    private static String wordOf(String message) {
        Matcher within = WITHIN_SCRIPT.matcher(message);
        if (within.find()) {
            return within.group(1);
        }
        return message.substring(0, message.indexOf(' ') < 0 ? message.length() : message.indexOf(' '));
    }

    /** What it says, and what its innermost cause says, which is the reason that a connection failed. */
    private static String withReason(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause.getCause() != null && depth < MAX_DEPTH; depth++) {
            cause = cause.getCause();
        }
        String message = String.valueOf(failure.getMessage());
        String reason = String.valueOf(cause.getMessage());
        return message.contains(reason) ? message : message + ": " + reason;
    }

    private static ErrorCode codeOf(String message) {
        String word = wordOf(message);
        if (word.equals("ERR") && (message.contains("AUTH") || message.contains(RIGHTS_OF_SCRIPT))) {
            return ErrorCode.STORE_FORBIDDEN;
        }
        if (word.equals("WRONGTYPE")) {
            return ErrorCode.WRONG_KIND;
        }
        if (REFUSED.contains(word)) {
            return ErrorCode.STORE_REFUSED;
        }
        return FORBIDDEN.contains(word) ? ErrorCode.STORE_FORBIDDEN : ErrorCode.INTERNAL;
    }

    private static @Nullable RedisCommandExecutionException answerIn(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof RedisCommandExecutionException answer) {
                return answer;
            }
        }
        return null;
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable t = failure;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    /** Completes as {@code stage} does, but fails with a {@link PortException} only. */
    static <T> CompletionStage<T> translated(CompletionStage<T> stage) {
        CompletableFuture<T> translated = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                translated.complete(value);
            } else {
                translated.completeExceptionally(translate(failure));
            }
        });
        return translated;
    }
}
