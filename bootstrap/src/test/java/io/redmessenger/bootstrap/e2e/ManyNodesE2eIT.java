package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several nodes on one Redis. The first one runs it, and is not killed. */
class ManyNodesE2eIT {

    private static final int LIMIT = 6; // the default of conn_limit

    private final List<ServerProcess> nodes = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private Backend backend;

    @BeforeEach
    void start(@TempDir Path dir) {
        nodes.add(ServerProcess.start(dir.resolve("one")));
        backend = new Backend(nodes.get(0));
        for (String name : List.of("two", "three")) {
            nodes.add(ServerProcess.start(
                    dir.resolve(name),
                    "--redis-host",
                    "127.0.0.1",
                    "--redis-port",
                    Integer.toString(nodes.get(0).redisPort()),
                    "--node-id",
                    name));
        }
    }

    @AfterEach
    void stop() {
        clients.forEach(Client::close);
        backend.close();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
    }

    private Client connect(int node, String user) {
        Client client = Client.connect(nodes.get(node), Client.identify(user));
        clients.add(client);
        client.notice("ready");
        return client;
    }

    private void add(String to, String payload) {
        backend.redis().xadd("rm:publish", "to", to, "payload", payload);
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static List<Boolean> bubbles(Client client) {
        return client.messages().stream()
                .map(message -> message.path("bubble").asBoolean())
                .toList();
    }

    @Test
    void aMessageShouldReachEveryConnectionOnEveryNodeOnceAndBubbleOnTheOldest() {
        Client one = connect(1, "ann");
        Client two = connect(0, "ann");
        Client three = connect(2, "ann");
        Client four = connect(1, "ann");
        List<Client> all = List.of(one, two, three, four);
        backend.redis().sadd("rm:channels:cats:subscribers", "ann");
        for (String payload : numbered(500)) {
            add(payload.endsWith("7") ? "rm.channels.cats" : "rm.users.ann", payload);
        }
        for (Client client : all) {
            client.await(500);
        }
        Await.until("all acknowledged", () -> backend.waiting("ann") == 0);
        List<String> ids = ids(one);
        assertThat(ids).doesNotHaveDuplicates();
        for (Client client : all) {
            assertThat(client.payloads()).containsExactlyInAnyOrderElementsOf(numbered(500));
            assertThat(ids(client)).as("in the same order everywhere, once").isEqualTo(ids);
            assertThat(bubbles(client)).containsOnly(client == one);
        }
    }

    private static List<String> ids(Client client) {
        return client.messages().stream()
                .map(message -> message.path("id").textValue())
                .toList();
    }

    @Test
    void aMessageShouldBeStoredOnceWhereverTheUserIsConnected() {
        List<Client> slow = List.of(0, 1, 2).stream()
                .map(node -> Client.connect(nodes.get(node), Client.identifyExplicit("bea")))
                .toList();
        clients.addAll(slow);
        slow.forEach(client -> client.notice("ready"));
        add("rm.users.bea", "once");
        for (Client client : slow) {
            client.await(1);
        }
        assertThat(backend.waiting("bea")).isEqualTo(1);
        slow.get(2).acknowledge(slow.get(2).messages().get(0));
        Await.until("recorded", () -> "1".equals(backend.redis().hget("rm:users:bea:state", "a")));
        Client later = connect(0, "bea");
        Await.until("acknowledged, by one for all", () -> {
            int before = later.messages().size();
            add("rm.users.bea", "more");
            later.await(before + 1);
            return backend.waiting("bea") <= 2;
        });
        assertThat(later.payloads()).containsOnly("more");
    }

    @Test
    void theBubbleShouldBePassedOnWhenConnectionsLeave() {
        List<Client> left = new ArrayList<>(List.of(connect(0, "cleo"), connect(1, "cleo"), connect(2, "cleo")));
        while (left.size() > 1) {
            Client leaving = left.remove(0);
            leaving.close();
            leaving.closed();
            awaitBubble("cleo", left);
        }
    }

    /** Publishes until the first of the clients bubbles; the others never do. */
    private void awaitBubble(String user, List<Client> oldestFirst) {
        Await.until("the bubble is passed on", () -> {
            List<Boolean> bubbles = bubblesOfTheNext(user, oldestFirst);
            assertThat(bubbles.subList(1, bubbles.size())).doesNotContain(true);
            return bubbles.get(0);
        });
    }

    /** Publishes, and tells on which of the clients that bubbles. */
    private List<Boolean> bubblesOfTheNext(String user, List<Client> all) {
        List<Integer> before =
                all.stream().map(client -> client.messages().size()).toList();
        add("rm.users." + user, "again");
        return IntStream.range(0, all.size())
                .mapToObj(i -> all.get(i).await(before.get(i) + 1).get(before.get(i)))
                .map(message -> message.path("bubble").asBoolean())
                .toList();
    }

    @Test
    void oneConnectionTooManyShouldCloseTheOldestOnAnotherNode() {
        List<Client> six =
                IntStream.range(0, LIMIT).mapToObj(i -> connect(i % 3, "dora")).toList();
        Client seventh = connect(1, "dora");
        assertThat(six.get(0).closed().code()).isEqualTo(4409);
        Client eighth = connect(0, "dora");
        assertThat(six.get(1).closed().code()).isEqualTo(4409);
        add("rm.users.dora", "Hello");
        List<Client> stay = new ArrayList<>(six.subList(2, LIMIT));
        stay.addAll(List.of(seventh, eighth));
        for (Client client : stay) {
            client.await(1);
            assertThat(client.isOpen()).isTrue();
            assertThat(bubbles(client)).containsExactly(client == six.get(2));
        }
        assertThat(six.get(0).messages()).isEmpty();
    }

    @Test
    void theOldestShouldStillBubbleAfterARestartOfRedis() {
        Client first = connect(2, "fay");
        Client second = connect(0, "fay");
        Client third = connect(1, "fay");
        List<Client> all = List.of(first, second, third);
        assertThat(bubblesOfTheNext("fay", all)).containsExactly(true, false, false);
        nodes.get(0).redis().destroyForcibly();
        for (int node = 0; node < 3; node++) {
            awaitThatNewcomersAreLetIn(node, "guest" + node);
        }
        Await.until(
                "all nodes have registered again",
                () -> bubblesOfTheNext("fay", all).equals(List.of(true, false, false)));
        assertThat(bubblesOfTheNext("fay", all)).containsExactly(true, false, false);
        assertThat(all).allMatch(Client::isOpen);
        for (Client client : all) {
            assertThat(ids(client)).isEqualTo(ids(first)).doesNotHaveDuplicates();
        }
    }

    /** Then the node has Redis again, and its users are registered anew. */
    private void awaitThatNewcomersAreLetIn(int node, String user) {
        Await.until("node " + node + " has Redis again", () -> {
            Client client = Client.connect(nodes.get(node), Client.identify(user));
            clients.add(client);
            Await.until(
                    "an answer",
                    () -> !client.isOpen()
                            || client.received().stream()
                                    .anyMatch(
                                            frame -> frame.path("type").asText().equals("ready")));
            return client.isOpen();
        });
    }

    @Test
    void theNextMessageShouldBubbleOnTheNextOldestWhenANodeIsKilled() {
        Client first = connect(2, "ed");
        Client second = connect(1, "ed");
        Client third = connect(0, "ed");
        add("rm.users.ed", "before");
        for (Client client : List.of(first, second, third)) {
            client.await(1);
            assertThat(bubbles(client)).containsExactly(client == first);
        }
        nodes.get(2).kill();
        first.closed();
        String channel = "rm:node:three*";
        Await.until(
                "Redis has noticed",
                () -> backend.redis().pubsubChannels(channel).isEmpty());
        add("rm.users.ed", "after");
        second.await(2);
        third.await(2);
        assertThat(bubbles(second)).containsExactly(false, true);
        assertThat(bubbles(third)).containsExactly(false, false);
        // the dead node's connection does not count towards the limit
        for (int i = 2; i < LIMIT; i++) {
            connect(i % 2, "ed");
        }
        assertThat(second.isOpen()).isTrue();
        connect(0, "ed");
        assertThat(second.closed().code()).isEqualTo(4409);
        assertThat(third.isOpen()).isTrue();
    }
}
