package io.redmessenger.adapters.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.redmessenger.application.port.out.ErrorCode;
import io.redmessenger.application.port.out.PortException;
import io.redmessenger.domain.recipient.UserId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the scripts. A few calls are in flight at a time; what is asked for meanwhile is gathered into the next ones, so
 * that calls are small when there is little to do, and large under load.
 *
 * <p>Requests that concern the same user are carried out and completed in the order in which they were submitted: all
 * go over one connection and are sent by one thread (Lettuce lets a call from its own thread overtake those from
 * others), a request is only put before others of other users, and answers are looked at in the order of the calls. That
 * holds for scripts that Redis has forgotten too: nothing new is sent until all calls that met that are sent again, in
 * order, with the source. (Another node could load a script again in between two such calls, within microseconds of an
 * operator's SCRIPT FLUSH; then they may change places.)
 *
 * <p>When Redis cannot be reached, or refuses, what waits fails with what was sent, and what is submitted before all of
 * that is told of it fails too, and what is submitted later, when its attempt was abandoned because of that: a publisher
 * that repeats from the first failure on is not overtaken by its own later calls. For the same reason two appends to one inbox are never in flight at once: a Redis that is full refuses the one
 * and may take the next.
 *
 * <p>Requests complete on Lettuce's thread or the sending one, or at once on the submitting one.
 */
final class InboxPipeline implements RequestPipeline {

    private static final Logger log = LoggerFactory.getLogger(InboxPipeline.class);

    static final int MAX_WEIGHT = 128;
    static final int MAX_BYTES = 1 << 20;
    private static final int MAX_IN_FLIGHT = 4;
    private static final int MAX_PASSED = 1_024;
    static final int MAX_WAITING = 200_000;
    static final long MAX_WAITING_BYTES = 64L << 20;

    private final Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands;
    private final ReplicaConfirmation confirmation;

    private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "redis-inbox");
        t.setDaemon(true);
        return t;
    });
    private final AtomicBoolean scheduled = new AtomicBoolean();

    private final Object lock = new Object(); // never held while a request completes
    private final ArrayDeque<InboxRequest> waiting = new ArrayDeque<>();
    private final ArrayDeque<Call> sent = new ArrayDeque<>();
    private final Set<UserId> appendedTo = new HashSet<>(); // by calls that are sent; no two calls share a user
    private long waitingWeight;
    private long waitingBytes;
    private boolean failing; // requests are being told that Redis is unreachable
    private boolean recovering; // some script is unknown to Redis; nothing new is sent
    private boolean blocked; // none of those that may be passed can be sent before an answer comes
    private boolean answering; // a thread is at it

    /**
     * @param commands the connection to use; may throw {@link PortException}
     * @param confirmation what an append needs besides
     */
    InboxPipeline(Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands, ReplicaConfirmation confirmation) {
        this.commands = commands;
        this.confirmation = confirmation;
    }

    static final class Call {
        final LuaScript script;
        final List<InboxRequest> requests;
        final byte[][] keys;
        final byte[][] values;
        CompletionStage<List<Object>> stage = new CompletableFuture<>();
        boolean answered;
        List<?> reply = List.of();

        @Nullable
        Throwable failure;

        Call(List<InboxRequest> requests) {
            this.script = requests.get(0).script();
            this.requests = requests;
            ScriptArguments arguments = new ScriptArguments();
            requests.get(0).begin(arguments);
            requests.forEach(request -> request.addTo(arguments));
            this.keys = arguments.keys();
            this.values = arguments.values();
        }

        boolean isScriptUnknown() {
            return RedisScripts.isUnknown(failure);
        }
    }

    /** Takes all of the requests, or fails all of them. */
    @Override
    public void submit(List<? extends InboxRequest> requests) {
        long weight = 0;
        long bytes = 0;
        for (InboxRequest request : requests) {
            weight += request.weight();
            bytes += request.bytes();
        }
        PortException refusal = null;
        synchronized (lock) {
            if (requests.stream().anyMatch(InboxRequest::isAbandoned)) { // here, for it is when it is told of a failure
                refusal = new PortException(ErrorCode.STORE_UNAVAILABLE, "something before it was not stored");
            } else if (failing) {
                refusal = new PortException(ErrorCode.STORE_UNAVAILABLE, "Redis cannot be reached");
            } else if (!waiting.isEmpty()
                    && (waitingWeight + weight > MAX_WAITING || waitingBytes + bytes > MAX_WAITING_BYTES)) {
                refusal = new PortException(ErrorCode.OVERLOADED, "too much waits for Redis already");
            } else {
                waiting.addAll(requests);
                waitingWeight += weight;
                waitingBytes += bytes;
            }
        }
        if (refusal == null) {
            scheduleSending();
        } else {
            PortException why = refusal;
            requests.forEach(request -> request.fail(why));
        }
    }

    private void scheduleSending() {
        if (!scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            sender.execute(this::send);
        } catch (RejectedExecutionException e) {
            scheduled.set(false);
            List<InboxRequest> doomed;
            synchronized (lock) {
                doomed = takeAllWaiting();
            }
            fail(doomed, new PortException(ErrorCode.STORE_UNAVAILABLE, "the connection to Redis is closed", e));
        }
    }

    private void send() {
        scheduled.set(false);
        List<Call> again;
        synchronized (lock) {
            again = recovering && sent.stream().allMatch(call -> call.answered) ? sendAgain() : List.of();
        }
        again.forEach(this::await);
        while (true) {
            Call call;
            synchronized (lock) {
                boolean idle = waiting.isEmpty() || (blocked && waiting.size() >= MAX_PASSED);
                if (idle || failing || recovering || sent.size() >= MAX_IN_FLIGHT) {
                    return;
                }
                List<InboxRequest> next = nextRequests();
                blocked = next.isEmpty();
                if (blocked) {
                    return; // the answers to what is in flight will bring us back
                }
                call = new Call(next);
                sent.add(call);
                if (call.script == LuaScript.APPEND) {
                    next.forEach(request -> appendedTo.addAll(request.users()));
                }
                call.stage = dispatch(call, false);
            }
            await(call);
        }
    }

    /**
     * Takes requests for one script off the queue, passing over others as long as those concern other users, and
     * over appends to those who are being appended to.
     */
    private List<InboxRequest> nextRequests() {
        List<InboxRequest> next = new ArrayList<>();
        List<InboxRequest> passed = new ArrayList<>();
        Set<UserId> usersPassed = new HashSet<>();
        int weight = 0;
        int bytes = 0;
        while (!waiting.isEmpty() && passed.size() < MAX_PASSED && weight < MAX_WEIGHT) {
            InboxRequest request = waiting.element();
            boolean fits = (next.isEmpty() || isShareableWith(next.get(0), request))
                    && areDisjoint(request.users(), usersPassed)
                    && (request.script() != LuaScript.APPEND || areDisjoint(request.users(), appendedTo));
            if (fits
                    && !next.isEmpty()
                    && (weight + request.weight() > MAX_WEIGHT || bytes + request.bytes() > MAX_BYTES)) {
                break;
            }
            waiting.remove();
            if (fits) {
                next.add(request);
                weight += request.weight();
                bytes += request.bytes();
                if (!request.isShareable()) {
                    break;
                }
            } else {
                passed.add(request);
                usersPassed.addAll(request.users());
            }
        }
        for (int i = passed.size() - 1; i >= 0; i--) {
            waiting.addFirst(passed.get(i));
        }
        waitingWeight -= weight;
        waitingBytes -= bytes;
        return next;
    }

    private static boolean areDisjoint(Collection<UserId> users, Set<UserId> others) {
        return others.isEmpty() || Collections.disjoint(users, others);
    }

    private static boolean isShareableWith(InboxRequest first, InboxRequest other) {
        return other.isShareable() && other.script() == first.script();
    }

    private CompletionStage<List<Object>> dispatch(Call call, boolean withSource) {
        try {
            RedisClusterAsyncCommands<byte[], byte[]> redis = commands.get();
            CompletionStage<List<Object>> answer = dispatch(redis, call, withSource);
            return call.script == LuaScript.APPEND ? confirmation.of(answer, redis) : answer;
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    static CompletionStage<List<Object>> dispatch(
            RedisClusterAsyncCommands<byte[], byte[]> redis, Call call, boolean withSource) {
        return withSource
                ? redis.eval(call.script.source(), ScriptOutputType.MULTI, call.keys, call.values)
                : redis.evalsha(call.script.sha(), ScriptOutputType.MULTI, call.keys, call.values);
    }

    private void await(Call call) {
        call.stage.whenComplete((reply, failure) -> {
            synchronized (lock) {
                call.answered = true;
                call.reply = reply == null ? List.of() : reply;
                call.failure = failure;
                if (call.isScriptUnknown()) {
                    recovering = true;
                }
                if (answering) {
                    return;
                }
                answering = true;
            }
            lookAtAnswers();
        });
    }

    private void lookAtAnswers() {
        while (true) {
            Call head;
            List<InboxRequest> doomed = List.of();
            PortException failure = null;
            synchronized (lock) {
                head = sent.peek();
                if (head == null || !head.answered) {
                    answering = false;
                    break;
                }
                if (head.isScriptUnknown()) {
                    answering = false; // the sender sees to it once all calls are answered
                    break;
                } else {
                    sent.remove();
                    blocked = false;
                    if (head.script == LuaScript.APPEND) {
                        head.requests.forEach(request -> request.users().forEach(appendedTo::remove));
                    }
                    if (head.failure != null) {
                        failure = RedisFailures.translate(head.failure);
                        if (failsAll(failure)) {
                            doomed = takeAllWaiting();
                            failing = true;
                        }
                    }
                }
            }
            finish(head, failure);
            if (failure != null && failsAll(failure)) {
                fail(doomed, failure);
                synchronized (lock) {
                    failing = false;
                }
            }
        }
        scheduleSending();
    }

    private static boolean failsAll(PortException failure) {
        return failure.code() == ErrorCode.STORE_UNAVAILABLE || failure.code() == ErrorCode.STORE_REFUSED;
    }

    private List<InboxRequest> takeAllWaiting() {
        List<InboxRequest> all = List.copyOf(waiting);
        waiting.clear();
        waitingWeight = 0;
        waitingBytes = 0;
        return all;
    }

    @Override
    public void stop() {
        sender.shutdown();
        scheduleSending();
    }

    private List<Call> sendAgain() {
        List<Call> again = new ArrayList<>();
        for (Call call : sent) {
            if (call.isScriptUnknown()) {
                call.answered = false;
                call.failure = null;
                call.stage = dispatch(call, true);
                again.add(call);
            }
        }
        recovering = false;
        return again;
    }

    static void finish(Call call, @Nullable PortException failure) {
        if (failure != null) {
            if (failure.code() == ErrorCode.INTERNAL) {
                log.error("a call of Redis failed", failure);
            }
            fail(call.requests, failure);
            return;
        }
        int from = 0;
        for (InboxRequest request : call.requests) {
            int to = request.isShareable() ? from + request.replies() : call.reply.size();
            try {
                request.complete(call.reply.subList(from, to));
            } catch (RuntimeException e) {
                log.error("an answer of Redis could not be understood", e);
                request.fail(new PortException(ErrorCode.INTERNAL, "unexpected answer of Redis", e));
            }
            from = to;
        }
    }

    static void fail(List<InboxRequest> requests, PortException failure) {
        requests.forEach(request -> request.fail(failure));
    }
}
