package io.redmessenger.bootstrap.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.Range;
import io.lettuce.core.RedisException;
import io.lettuce.core.StreamMessage;
import io.redmessenger.bootstrap.faults.FaultKind.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run: three nodes, publishers, readers and the nemesis for a while; then everything is mended, drained, and checked. */
final class Run {

    /**
     * @param duration of the faults
     * @param faults whether there are any
     */
    record Settings(Topology topology, Duration duration, long seed, Set<Way> ways, boolean faults) {}

    private static final Logger log = LoggerFactory.getLogger(Run.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int NODES = 3;
    private static final long PATIENCE_MILLIS = 60_000;
    private static final int FLOOD_REST = 15;
    private static final int MAX_LISTED = 10_000;

    private final Settings settings;
    private final Recorder recorder;
    private final Path directory;
    private final SplittableRandom random;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();

    private Run(Settings settings, Recorder recorder) {
        this.settings = settings;
        this.recorder = recorder;
        this.random = new SplittableRandom(settings.seed());
        try {
            Path parent = Files.createDirectories(Path.of("target", "faults"));
            this.directory = Files.createTempDirectory(parent, settings.topology() + "-" + settings.seed() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs, and reports. Logs of the nodes and the report stay in {@code target/faults}. */
    static Report of(Settings settings, Recorder recorder) throws InterruptedException {
        return new Run(settings, recorder).report();
    }

    private Report report() throws InterruptedException {
        try (Store store = store()) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(new Node(i, directory, store));
            }
            try {
                CompletableFuture.allOf(nodes.stream()
                                .map(node -> CompletableFuture.runAsync(node::start, threads))
                                .toArray(CompletableFuture<?>[]::new))
                        .join();
                History history = history(store);
                Report report = Checker.check(history);
                write(history, report);
                return report;
            } finally {
                readers.forEach(Reader::stop);
                publishers.forEach(Publisher::stop);
                nodes.forEach(Node::close);
                threads.shutdownNow();
            }
        }
    }

    private Store store() {
        return switch (settings.topology()) {
            case STANDALONE -> new StandaloneStore(directory.resolve("redis"));
            case SENTINEL -> new SentinelStore();
            case CLUSTER -> new ClusterStore();
        };
    }

    private void write(History history, Report report) {
        String title = settings + System.lineSeparator();
        try {
            Files.writeString(directory.resolve("report.txt"), title + report);
            Files.write(directory.resolve("history.txt"), history.lines());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        log.warn("{}{}logs in {}", title, report, directory);
    }

    private History history(Store store) throws InterruptedException {
        String members = store.key("rm:channels:", "all", ":subscribers");
        store.ask(members, redis -> redis.sadd(members, Load.MEMBERS.toArray(String[]::new)));
        addPublishers(store);
        addReaders();
        List<Future<?>> reading = start(readers);
        List<Future<?>> publishing = start(publishers);
        rage(store);
        publishers.forEach(Publisher::stop);
        join(publishing);
        nodes.forEach(Node::mend);
        nodes.forEach(Node::awaitReady);
        List<String> attended = Stream.of(Load.PLAIN, Load.EXPLICIT, Load.SLOW, Load.SOCKET_IO, Load.TWINS)
                .flatMap(List::stream)
                .toList();
        Map<String, List<String>> unread = awaitEmpty(store, attended);
        readers.forEach(Reader::stop);
        join(reading);
        Map<String, List<String>> left = drain(store);
        return recorder.history(fragile(store), unread, left, undone(store));
    }

    /**
     * With replicas a failover may lose what was stored and not replicated yet. An entry of the stream is safe from that when
     * it is known to all replicas, for it comes back with them; but not in a cluster, where the inbox is at another server.
     */
    private Set<Way> fragile(Store store) {
        if (settings.topology() == Topology.CLUSTER) {
            return EnumSet.allOf(Way.class);
        }
        return store.replicas() > 0 ? EnumSet.of(Way.PUBLISH, Way.HTTP) : EnumSet.of(Way.PUBLISH);
    }

    private void addPublishers(Store store) {
        Set<Way> ways = settings.ways();
        if (ways.contains(Way.PUBLISH)) {
            publishers.add(RedisPublisher.pubSub("publish", Load.USERS, random.split(), store, recorder));
        }
        if (ways.contains(Way.STREAM)) {
            publishers.add(RedisPublisher.stream("stream", Load.USERS, Load.REST, random.split(), store, recorder));
            publishers.add(
                    RedisPublisher.stream("flood", List.of(Load.FLOODED), FLOOD_REST, random.split(), store, recorder));
        }
        if (ways.contains(Way.HTTP)) {
            publishers.add(new HttpPublisher("http", Load.USERS, random.split(), nodes, recorder));
        }
    }

    private void addReaders() {
        Reader.Habit steady = Reader.Habit.STEADY;
        Load.PLAIN.forEach(user -> readers.add(webSocket(user, user, false, 0, steady)));
        Load.EXPLICIT.forEach(user -> readers.add(webSocket(user, user, true, 0, steady)));
        Load.SLOW.forEach(user -> readers.add(webSocket(user, user, true, 40, steady)));
        Load.TWINS.forEach(user -> {
            readers.add(webSocket(user + "-left", user, false, 0, steady));
            readers.add(webSocket(user + "-right", user, true, 5, steady));
        });
        Load.AWAY.forEach(user -> readers.add(webSocket(user, user, true, 0, new Reader.Habit(2_000, 12_000))));
        Load.EVENTS.forEach(user -> readers.add(
                new EventsReader(user, user, shuffled(), random.split(), new Reader.Habit(4_000, 0), recorder)));
        for (String user : Load.SOCKET_IO) {
            String transport = user.endsWith("0") ? "websocket" : "polling";
            readers.add(new SocketIoReader(user, user, transport, shuffled(), random.split(), steady, recorder));
        }
    }

    private Reader webSocket(String name, String user, boolean explicit, long slowness, Reader.Habit habit) {
        return new WebSocketReader(name, user, explicit, slowness, shuffled(), random.split(), habit, recorder);
    }

    /** The nodes, from a random one on. */
    private List<Node> shuffled() {
        int first = random.nextInt(NODES);
        return IntStream.range(0, NODES)
                .mapToObj(i -> nodes.get((first + i) % NODES))
                .toList();
    }

    private List<Future<?>> start(Collection<? extends Runnable> runnables) {
        List<Future<?>> futures = new ArrayList<>();
        runnables.forEach(runnable -> futures.add(threads.submit(runnable)));
        return futures;
    }

    private static void join(List<Future<?>> futures) throws InterruptedException {
        for (Future<?> future : futures) {
            try {
                future.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("the harness itself failed", e);
            }
        }
    }

    private void rage(Store store) throws InterruptedException {
        long end = recorder.now() + settings.duration().toMillis();
        if (!settings.faults()) {
            TimeUnit.MILLISECONDS.sleep(settings.duration().toMillis());
            return;
        }
        Nemesis nemesis = new Nemesis(nodes, store, recorder);
        List<FaultKind> kinds = FaultKind.of(settings.topology());
        List<FaultKind> network =
                kinds.stream().filter(kind -> kind.target == Target.CLIENT_LINK).toList();
        List<FaultKind> others =
                kinds.stream().filter(kind -> kind.target != Target.CLIENT_LINK).toList();
        List<Future<?>> raging = new ArrayList<>();
        for (List<FaultKind> some : List.of(others, network)) {
            Schedule schedule = new Schedule(settings.seed() + some.size(), some, NODES);
            raging.add(threads.submit(() -> {
                nemesis.rage(schedule, end);
                return true;
            }));
        }
        TimeUnit.MILLISECONDS.sleep(settings.duration().toMillis());
        join(raging);
    }

    private static String inbox(Store store, String user) {
        return store.key("rm:users:", user, ":messages");
    }

    /** Waits until nothing waits for these users, nor in the stream; returns what waits all the same after a minute. */
    private Map<String, List<String>> awaitEmpty(Store store, List<String> users) throws InterruptedException {
        long end = recorder.now() + PATIENCE_MILLIS;
        try (Store.Session session = store.connect()) {
            while (recorder.now() < end && !isEmpty(store, session, users)) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            Map<String, List<String>> rest = new LinkedHashMap<>();
            for (String user : users) {
                String key = inbox(store, user);
                List<String> payloads = session.redis(key).lrange(key, 0, MAX_LISTED).stream()
                        .map(Run::payload)
                        .toList();
                if (!payloads.isEmpty()) {
                    rest.put(user, payloads);
                }
            }
            return rest;
        }
    }

    private static boolean isEmpty(Store store, Store.Session session, List<String> users) {
        String stream = RedisPublisher.STREAM;
        return session.redis(stream).xlen(stream) == 0
                && users.stream()
                        .map(user -> inbox(store, user))
                        .allMatch(key -> session.redis(key).llen(key) == 0);
    }

    private static String payload(String entry) {
        try {
            return JSON.readTree(entry).path("payload").asText();
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + entry, e);
        }
    }

    /** Reads every inbox until it is empty, with readers that have seen nothing before. */
    private Map<String, List<String>> drain(Store store) throws InterruptedException {
        List<String> users =
                Stream.concat(Load.USERS.stream(), Stream.of(Load.FLOODED)).toList();
        List<Reader> drains = new ArrayList<>();
        users.forEach(user -> drains.add(webSocket("drain-" + user, user, true, 0, Reader.Habit.STEADY)));
        readers.addAll(drains);
        List<Future<?>> draining = start(drains);
        Map<String, List<String>> left = awaitEmpty(store, users);
        drains.forEach(Reader::stop);
        join(draining);
        return left;
    }

    private static List<String> undone(Store store) {
        List<String> undone = new ArrayList<>();
        for (String stream : List.of(RedisPublisher.STREAM, "rm:dead")) {
            try {
                List<StreamMessage<String, String>> entries =
                        store.ask(stream, redis -> redis.xrange(stream, Range.unbounded()));
                entries.forEach(entry -> undone.add(stream + " " + entry.getId() + " " + entry.getBody()));
            } catch (RedisException e) {
                undone.add(stream + " cannot be read: " + e.getMessage());
            }
        }
        return undone;
    }
}
