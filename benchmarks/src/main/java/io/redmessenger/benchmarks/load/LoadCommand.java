package io.redmessenger.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Loads a server that runs, and reports what came of it. Exit code 1 when messages are missing or connections were lost. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Connects users to a RedMessenger, publishes to them at a constant rate through its Redis, and reports deliveries, latencies, "
                    + "processor time and memory. Latencies count from when a message was due, not from when it was sent.",
            "Users and channel are named load-… and are new with every run. The server must not be in secure mode."
        })
public final class LoadCommand implements Callable<Integer> {

    private static final int SMALLEST_PAYLOAD = 20; // holds when the message is due
    private static final int LARGEST_PAYLOAD = 512 << 20;
    private static final int MEMBERS_PER_CALL = 500;
    private static final int POLL_MILLIS = 20;
    private static final double NANOS = 1e9;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    @Option(names = "--url", paramLabel = "URL", description = "The server; default ${DEFAULT-VALUE}")
    private URI url = URI.create("ws://127.0.0.1:8080/rm");

    @Option(names = "--redis", paramLabel = "URL", description = "Its Redis; default ${DEFAULT-VALUE}")
    private URI redis = URI.create("redis://127.0.0.1:6379");

    @Option(names = "--users", paramLabel = "N", description = "How many are connected; default ${DEFAULT-VALUE}")
    private int users = 1_000;

    @Option(names = "--direct", description = "Publish to one user after the other, not to a channel of all of them")
    private boolean direct;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Messages published in a second; default ${DEFAULT-VALUE}")
    private double rate = 20;

    @Option(names = "--payload", paramLabel = "BYTES", description = "Size of a payload; default ${DEFAULT-VALUE}")
    private int payload = 128;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            description = "Load before what is measured; default ${DEFAULT-VALUE}")
    private int warmup = 5;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Load that is measured; default ${DEFAULT-VALUE}")
    private int duration = 20;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = "How long to wait for the last deliveries; default ${DEFAULT-VALUE}")
    private int patience = 30;

    @Option(
            names = "--connect-rate",
            paramLabel = "N",
            description = "Connections opened in a second; default ${DEFAULT-VALUE}")
    private int connectRate = 1_000;

    @Option(
            names = "--pid",
            paramLabel = "NAME=PID",
            description =
                    "A process of this machine whose processor time and memory are reported, such as node=4711; repeatable")
    private Map<String, Long> pids = new LinkedHashMap<>();

    @Option(names = "--histogram", paramLabel = "FILE", description = "Where to write all percentiles, in milliseconds")
    private @Nullable String histogramFile;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        List<String> names =
                IntStream.range(0, users).mapToObj(i -> "load-" + run + "-" + i).toList();
        String channel = "load-" + run;
        Deliveries deliveries = new Deliveries((long) (warmup * NANOS));
        InetSocketAddress server = new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        Subscribers subscribers = new Subscribers(server, path, names, connectRate, deliveries);
        Thread thread = new Thread(subscribers, "subscribers");
        thread.setDaemon(true);
        try (RespConnection commands = new RespConnection(redis);
                RespConnection publications = new RespConnection(redis)) {
            if (!direct) {
                join(commands, channel, names);
            }
            LongFunction<String> address = direct
                    ? number -> "rm.users." + names.get((int) (number % users))
                    : number -> "rm.channels." + channel;
            try {
                return run(subscribers, thread, new Publisher(publications, address, payload), deliveries);
            } finally {
                subscribers.stop();
                leave(commands, channel);
            }
        }
    }

    private static void leave(RespConnection redis, String channel) {
        try {
            redis.call("DEL", "rm:channels:" + channel + ":subscribers");
        } catch (IOException e) {
            System.err.println("load: channel " + channel + " stays in Redis: " + e);
        }
    }

    private void check() {
        if (!"ws".equals(url.getScheme()) || url.getHost() == null) {
            throw new ParameterException(spec.commandLine(), "--url must be ws://HOST[:PORT][/PATH], got " + url);
        }
        if (!"redis".equals(redis.getScheme()) || redis.getHost() == null) {
            throw new ParameterException(spec.commandLine(), "--redis must be redis://[[USER]:PASSWORD@]HOST[:PORT]");
        }
        atLeast("--users", users, 1);
        atLeast("--payload", payload, SMALLEST_PAYLOAD);
        atLeast("--warmup", warmup, 0);
        atLeast("--duration", duration, 1);
        atLeast("--patience", patience, 0);
        atLeast("--connect-rate", connectRate, 1);
        if (payload > LARGEST_PAYLOAD || !(rate >= 1 && rate <= 1e7)) {
            throw new ParameterException(
                    spec.commandLine(), "--payload is at most " + LARGEST_PAYLOAD + ", --rate is 1 to 10000000");
        }
    }

    private void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + " must be " + least + " or more, got " + value);
        }
    }

    private static void join(RespConnection redis, String channel, List<String> names) throws IOException {
        for (int from = 0; from < names.size(); from += MEMBERS_PER_CALL) {
            List<String> some = names.subList(from, Math.min(names.size(), from + MEMBERS_PER_CALL));
            redis.call(Stream.concat(Stream.of("SADD", "rm:channels:" + channel + ":subscribers"), some.stream())
                    .toArray(String[]::new));
        }
    }

    private int run(Subscribers subscribers, Thread thread, Publisher publisher, Deliveries deliveries)
            throws IOException, InterruptedException {
        List<WatchedProcess> processes = new ArrayList<>();
        for (Map.Entry<String, Long> pid : pids.entrySet()) {
            processes.add(new WatchedProcess(pid.getKey(), pid.getValue()));
        }
        thread.start();
        await(patience + users / connectRate, () -> subscribers.connected() >= users || subscribers.failure() != null);
        if (subscribers.connected() < users) {
            throw new IOException(
                    subscribers.connected() + " of " + users + " are connected, and no more", subscribers.failure());
        }
        for (WatchedProcess process : processes) {
            process.allConnected();
        }
        long warm = Math.round(rate * warmup);
        long count = warm + Math.max(1, Math.round(rate * duration));
        long expected = count * (direct ? 1 : users);
        long origin = System.nanoTime();
        subscribers.begin(origin);
        publisher.publish(origin, 0, warm, rate);
        for (WatchedProcess process : processes) {
            process.begin();
        }
        long deliveredBefore = deliveries.all();
        publisher.publish(origin, warm, count, rate);
        await(patience, () -> deliveries.all() >= expected);
        double seconds = (System.nanoTime() - origin) / NANOS - warmup;
        long delivered = deliveries.all() - deliveredBefore;
        for (WatchedProcess process : processes) {
            process.end();
        }
        subscribers.stop();
        thread.join();
        report(subscribers, publisher, deliveries, expected, seconds);
        processes.forEach(process -> System.out.println(process.report(delivered)));
        return deliveries.all() >= expected && subscribers.lost() == 0 ? 0 : 1;
    }

    private static void await(int seconds, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * NANOS);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void report(
            Subscribers subscribers, Publisher publisher, Deliveries deliveries, long expected, double seconds)
            throws IOException {
        PrintStream out = System.out;
        out.printf(
                Locale.ROOT,
                "%s to %d users, %s messages/s of %d bytes for %d s after %d s of warm-up%n",
                direct ? "direct" : "fan-out",
                users,
                BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString(),
                payload,
                duration,
                warmup);
        out.printf(
                Locale.ROOT,
                "deliveries   %,d in %.1f s: %,.0f/s; missing %,d, marked as redelivered %,d%n",
                deliveries.measured(),
                seconds,
                deliveries.measured() / seconds,
                Math.max(0, expected - deliveries.all()),
                deliveries.redelivered());
        if (publisher.unheard() > 0) {
            out.printf(Locale.ROOT, "unheard      %,d messages: no node has subscribed%n", publisher.unheard());
        }
        if (subscribers.failure() != null) {
            out.printf(Locale.ROOT, "lost         %,d connections; %s%n", subscribers.lost(), subscribers.failure());
        }
        Histogram latencies = deliveries.latencies();
        out.println(latencies.getTotalCount() == 0 ? "latency      none: nothing was delivered" : describe(latencies));
        if (histogramFile != null) {
            try (PrintStream file = new PrintStream(histogramFile, UTF_8)) {
                latencies.outputPercentileDistribution(file, 1_000.0);
            }
        }
    }

    private static String describe(Histogram latencies) {
        StringJoiner line = new StringJoiner(", ", "latency      ", " ms");
        for (double percentile : PERCENTILES) {
            String name = percentile == 100
                    ? "max"
                    : "p" + BigDecimal.valueOf(percentile).stripTrailingZeros().toPlainString();
            line.add(String.format(Locale.ROOT, "%s %.2f", name, latencies.getValueAtPercentile(percentile) / 1e3));
        }
        return line.toString();
    }
}
