package io.redmessenger.adapters.redis;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What Redis has said to a question that it may refuse to answer.
 *
 * @param value the answer, when it was given
 * @param refusal why not, when it was not
 */
record Answer<T>(Optional<T> value, String refusal) {

    /** Asks. The stage never fails. */
    static <T> CompletionStage<Answer<T>> to(Supplier<? extends CompletionStage<T>> question) {
        CompletionStage<T> asked;
        try {
            asked = question.get();
        } catch (RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        return asked.handle((value, failure) -> failure == null
                ? new Answer<>(Optional.ofNullable(value), "nothing")
                : new Answer<>(Optional.empty(), reason(failure)));
    }

    private static String reason(Throwable failure) {
        String message = String.valueOf(RedisFailures.translate(failure).getMessage());
        return message.replace("Redis answered: ", "").replaceAll("\\s+", " ");
    }

    <R> R fold(Function<T, R> given, Function<String, R> refused) {
        return value.map(given).orElseGet(() -> refused.apply(refusal));
    }

    /** Whether it was refused by an answer that contains this. */
    boolean isRefusedBy(String words) {
        return value.isEmpty() && refusal.contains(words);
    }
}
