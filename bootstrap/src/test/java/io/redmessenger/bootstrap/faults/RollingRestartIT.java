package io.redmessenger.bootstrap.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.redmessenger.application.contract.Await;
import io.redmessenger.bootstrap.e2e.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three nodes are started anew, one after the other, under 10,000 connections: nothing is lost, and no storm comes. */
class RollingRestartIT {

    private static final Logger log = LoggerFactory.getLogger(RollingRestartIT.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int NODES = 3;
    private static final int CLIENTS = Integer.getInteger("faults.connections", 10_000);
    private static final int PER_SECOND = 1_000;
    private static final int DRAIN_SECONDS = 10;
    private static final int PUBLISHED_EVERY_MILLIS = 5;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    private Path directory;

    private final Recorder recorder = new Recorder();
    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private final AtomicIntegerArray ports = new AtomicIntegerArray(NODES);

    private ServerProcess start(int node, Store store) {
        List<String> flags = new ArrayList<>(store.flags(store.port()));
        flags.add("--drain-seconds=" + DRAIN_SECONDS);
        ServerProcess process = ServerProcess.start(
                directory.resolve("node" + node),
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                flags.toArray(String[]::new));
        ports.set(node, process.port());
        return process;
    }

    private void record(String user, int connection, String text) {
        try {
            JsonNode message = JSON.readTree(text);
            String payload = message.path("payload").asText();
            recorder.event(new Event.Received(
                    user,
                    user,
                    connection,
                    message.path("id").asText(),
                    payload,
                    message.path("redelivered").asBoolean(),
                    recorder.now()));
            received.add(payload);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    @Test
    void rollingRestartShouldLoseNothingAndCauseNoStormOfReconnections() throws InterruptedException {
        List<ServerProcess> nodes = new ArrayList<>();
        try (Store store = new StandaloneStore(directory.resolve("redis"))) {
            for (int node = 0; node < NODES; node++) {
                nodes.add(start(node, store));
            }
            Swarm swarm = new Swarm(CLIENTS, PER_SECOND, ports, this::record);
            Thread clients = new Thread(swarm, "swarm");
            clients.start();
            try {
                rollUnderLoad(nodes, store, swarm);
            } finally {
                swarm.stop();
                clients.join();
            }
            Report report = Checker.check(recorder.history(EnumSet.noneOf(Way.class), Map.of(), Map.of(), List.of()));
            log.warn("{}", report);
            assertThat(report.violations()).as(report.toString()).isEmpty();
            assertThat(report.number("accepted by STREAM")).isGreaterThan(1_000);
        } finally {
            nodes.forEach(ServerProcess::kill);
        }
    }

    private void rollUnderLoad(List<ServerProcess> nodes, Store store, Swarm swarm) throws InterruptedException {
        awaitAll(swarm);
        List<String> users = IntStream.range(0, CLIENTS).mapToObj(Swarm::user).toList();
        Publisher publisher = RedisPublisher.stream(
                "rolling", users, PUBLISHED_EVERY_MILLIS, new SplittableRandom(1), store, recorder);
        Thread publishing = new Thread(publisher, "publisher");
        publishing.start();
        try {
            for (int node = 0; node < NODES; node++) {
                restart(node, nodes, store, swarm);
            }
        } finally {
            publisher.stop();
            publishing.join();
        }
        awaitAllReceived();
        assertThat(swarm.closedWithoutReason())
                .as("connections that were not closed with 1001 and retry-after")
                .isZero();
    }

    private static void awaitAll(Swarm swarm) {
        Await.until("all clients are connected", LIMIT, () -> swarm.open() == CLIENTS);
    }

    private void restart(int node, List<ServerProcess> nodes, Store store, Swarm swarm) {
        swarm.forget();
        int moved = swarm.openAt(node);
        assertThat(nodes.get(node).terminate()).isZero();
        nodes.set(node, start(node, store));
        awaitAll(swarm);
        int even = moved / DRAIN_SECONDS;
        int most = swarm.mostInASecond();
        log.warn("node {}: {} connections moved; {} a second if evenly, {} at most", node, moved, even, most);
        assertThat(moved).isGreaterThan(CLIENTS / 10);
        assertThat(most).as("new connections in a second").isLessThanOrEqualTo(2 * even);
    }

    /** What expires is left to the checker. */
    private void awaitAllReceived() {
        History history = recorder.history(EnumSet.noneOf(Way.class), Map.of(), Map.of(), List.of());
        List<String> owed = history.published().stream()
                .filter(message -> message.accepted() && !message.mayExpire())
                .map(Published::payload)
                .toList();
        Await.until("all is received", LIMIT, () -> received.containsAll(owed));
    }
}
