package io.redmessenger.adapters.redis;

import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Gathers what is asked while earlier calls are on their way into few calls: an idle system answers at once, a busy one
 * pays for a call once for many. Order is kept. Safe for concurrent use.
 *
 * @param <Q> what is asked
 * @param <A> what is answered
 */
final class Gathering<Q, A> {

    private static final int CALLS_ON_THEIR_WAY = 3;
    private static final long MOST_WAITING = 64L * 1024 * 1024;
    private static final long COST_PER_QUESTION = 256;

    private record Asked<Q, A>(Q question, long weight, int size, CompletableFuture<A> answer) {}

    private final Function<List<Q>, CompletionStage<List<A>>> call;
    private final BiPredicate<Q, Q> fit;
    private final int mostSize;
    private final long mostWeight;
    private final Queue<Asked<Q, A>> waiting = new ArrayDeque<>();
    private long waitingWeight;
    private int onTheirWay;

    /**
     * @param call carries out one call for several questions; answers in their order
     * @param fit whether two questions may share a call
     * @param mostSize the largest sum of sizes in a call; a larger question goes alone
     * @param mostWeight the largest sum of weights in a call, likewise
     */
    Gathering(Function<List<Q>, CompletionStage<List<A>>> call, BiPredicate<Q, Q> fit, int mostSize, long mostWeight) {
        this.call = call;
        this.fit = fit;
        this.mostSize = mostSize;
        this.mostWeight = mostWeight;
    }

    /**
     * @param size in users
     * @param weight in bytes
     */
    CompletionStage<A> ask(Q question, int size, long weight) {
        Asked<Q, A> asked = new Asked<>(question, weight + COST_PER_QUESTION * size, size, new CompletableFuture<>());
        synchronized (this) {
            if (waitingWeight + asked.weight() > MOST_WAITING) {
                return CompletableFuture.failedStage(
                        new PortException(ErrorCode.OVERLOADED, "too much waits to be stored, try again later"));
            }
            waitingWeight += asked.weight();
            waiting.add(asked);
            send();
        }
        return asked.answer();
    }

    private synchronized void send() {
        while (onTheirWay < CALLS_ON_THEIR_WAY && !waiting.isEmpty()) {
            List<Asked<Q, A>> together = new ArrayList<>();
            int size = 0;
            long weight = 0;
            for (Asked<Q, A> next = waiting.peek(); next != null; next = waiting.peek()) {
                boolean fits = together.isEmpty()
                        || (size + next.size() <= mostSize
                                && weight + next.weight() <= mostWeight
                                && fit.test(together.get(0).question(), next.question()));
                if (!fits) {
                    break;
                }
                together.add(waiting.remove());
                size += next.size();
                weight += next.weight();
            }
            waitingWeight -= weight;
            onTheirWay++;
            call.apply(together.stream().map(Asked::question).toList())
                    .whenComplete((answers, failure) -> answered(together, answers, failure));
        }
    }

    private void answered(List<Asked<Q, A>> together, List<A> answers, Throwable failure) {
        synchronized (this) {
            onTheirWay--;
            if (failure == null) {
                send(); // keeps Redis busy while the answers are looked at
            }
        }
        for (int i = 0; i < together.size(); i++) {
            if (failure == null) {
                together.get(i).answer().complete(answers.get(i));
            } else {
                together.get(i).answer().completeExceptionally(failure);
            }
        }
        if (failure != null) {
            send();
        }
    }
}
