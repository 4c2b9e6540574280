package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.redis.CuttableProxy;
import io.redmessenger.application.contract.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JavaScript client as the server serves it, in Chromium: the scenario that every client passes. */
class ClientBrowserIT {

    /** Connects, and keeps what happens in globals. */
    private static final String CONNECT = """
            const { RedMessenger } = await import('/redmessenger.mjs');
            window.seen = []; window.bubbles = []; window.states = [];
            window.client = new RedMessenger(location.origin, {
              ...args[0],
              backoff: { base: 100, max: 500 },
              onMessage: async (message) => { await null; seen.push(message.payload); bubbles.push(message.bubble); },
              onState: (state, detail) => states.push([state, detail.code ?? 0]),
            });
            """;

    private static ServerProcess server;
    private static Backend backend;
    private static String home;
    private static int users;

    private final String user = "user" + ++users;
    private Browser browser;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir, "--secure-mode");
        backend = new Backend(server);
        home = "http://127.0.0.1:" + server.port() + "/";
    }

    @AfterAll
    static void stop() {
        backend.close();
        server.close();
    }

    @BeforeEach
    void openBrowser() {
        backend.redis().set("rm:users:" + user + ":key", "secret");
        browser = new Browser();
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    private void connect() {
        browser.await(CONNECT, java.util.Map.of("uid", user, "key", "secret"));
    }

    private List<?> seen() {
        return (List<?>) browser.run("return seen");
    }

    private void awaitState(String state) {
        Await.until(state, () -> state.equals(browser.run("return client.state")));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private void store(List<String> payloads) {
        backend.publishAll("rm.users." + user, payloads);
        Await.until("stored", () -> backend.waiting(user) == payloads.size());
    }

    private void awaitNothingWaiting() {
        Await.until("all are acknowledged", () -> backend.waiting(user) == 0);
    }

    @Test
    void aBacklogOfAThousandShouldComeInOrderAndThenWhatIsLive() {
        store(numbers(0, 1_000));
        browser.open(home);
        connect();
        Await.until("all", () -> seen().size() == 1_000);
        backend.publish("rm.users." + user, "live");
        Await.until("live", () -> seen().size() == 1_001);
        assertThat(seen().subList(0, 1_000)).isEqualTo(numbers(0, 1_000));
        assertThat(browser.run("return client.transport")).isEqualTo("websocket");
        awaitNothingWaiting();
    }

    @Test
    void twoTabsShouldBothShowItAndOneShouldHaveTheBubble() {
        browser.open(home);
        String first = browser.tab();
        connect();
        awaitState("ready");
        String second = browser.openTab(home);
        connect();
        awaitState("ready");
        for (String payload : numbers(0, 10)) {
            backend.publish("rm.users." + user, payload);
        }
        for (String tab : List.of(first, second)) {
            browser.tab(tab);
            Await.until("all", () -> seen().size() == 10);
            assertThat(seen()).isEqualTo(numbers(0, 10));
            assertThat(browser.run("return [...new Set(bubbles)]")).isEqualTo(List.of(tab.equals(first)));
        }
        awaitNothingWaiting();
    }

    @Test
    void aCutInTheMiddleShouldLoseNothingAndRepeatNothing() {
        store(numbers(0, 1_000));
        try (CuttableProxy proxy = new CuttableProxy(server.port())) {
            browser.open("http://127.0.0.1:" + proxy.port() + "/");
            browser.await(
                    CONNECT.replace("await null;", "await new Promise((resolve) => setTimeout(resolve, 1));"),
                    java.util.Map.of("uid", user, "key", "secret"));
            for (int cut = 1; cut <= 3; cut++) {
                int enough = cut * 200;
                Await.until(enough + " are shown", () -> seen().size() >= enough);
                proxy.cut();
            }
            Await.until("all", () -> seen().size() >= 1_000);
            awaitNothingWaiting();
            assertThat(seen()).isEqualTo(numbers(0, 1_000));
            assertThat((List<?>) browser.run("return states.filter(([state]) => state === 'waiting')"))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aReloadShouldNotShowAgainWhatWasHandled() {
        try (CuttableProxy proxy = new CuttableProxy(server.port())) {
            browser.open("http://127.0.0.1:" + proxy.port() + "/");
            connect();
            awaitState("ready");
            browser.run("client.onMessage = (message) => { seen.push(message.payload); client.close(); }");
            backend.publish("rm.users." + user, "shown");
            Await.until("shown", () -> seen().size() == 1);
            assertThat(backend.waiting(user))
                    .as("its acknowledgement was not sent")
                    .isEqualTo(1);
            browser.reload();
            backend.publish("rm.users." + user, "next");
            connect();
            Await.until("next", () -> !seen().isEmpty());
            awaitNothingWaiting();
            assertThat(seen()).isEqualTo(List.of("next"));
        }
    }

    @Test
    void aWrongKeyShouldBeRefusedOnce() {
        browser.open(home);
        browser.await(CONNECT, java.util.Map.of("uid", user, "key", "wrong"));
        awaitState("refused");
        assertThat(browser.run("return states"))
                .isEqualTo(List.of(List.of("connecting", 0L), List.of("refused", 4401L)));
    }

    @Test
    void theSignatureOfTheOriginalShouldWorkInAClassicScript() {
        // a page without the strict policy of the newcomers' page
        browser.open(home + "health/live");
        browser.await("""
                await new Promise((resolve, reject) => {
                  const script = document.createElement('script');
                  script.src = '/redmessenger.js';
                  script.onload = resolve;
                  script.onerror = reject;
                  document.documentElement.append(script);
                });
                window.seen = [];
                window.rm = new RedMessenger(location.origin + '/rm', args[0], 'secret');
                rm.onMessage = (message) => { seen.push(message.payload); };
                """, user);
        backend.publish("rm.users." + user, "100% <b>");
        Await.until("there", () -> seen().equals(List.of("100% <b>")));
    }

    @Test
    void aHiddenPageShouldShowOneNotification() {
        browser.open(home);
        browser.grant("http://127.0.0.1:" + server.port(), "notifications");
        browser.await("""
                window.notified = [];
                window.Notification = class extends Notification {
                  constructor(title, options) { super(title, options); notified.push([title, options.body]); }
                };
                Object.defineProperty(document, 'hidden', { get: () => true });
                const { RedMessenger } = await import('/redmessenger.mjs');
                window.seen = [];
                window.client = new RedMessenger(location.origin, {
                  uid: args[0], key: 'secret', notifications: true, onMessage: (m) => { seen.push(m.payload); } });
                """, user);
        awaitState("ready");
        backend.publish("rm.users." + user, "<i>one</i>");
        Await.until(
                "notified",
                () -> browser.run("return notified").equals(List.of(List.of("RedMessenger: try it", "<i>one</i>"))));
    }

    @Test
    void itShouldWorkInAWorker() {
        browser.open(home + "health/live");
        Object result = browser.await("""
                const code = `import { RedMessenger } from '${location.origin}/redmessenger.mjs';
                  new RedMessenger('${location.origin}', { uid: '${args[0]}', key: 'secret',
                    onMessage: (m) => postMessage(m.payload), onState: (s) => s === 'ready' && postMessage('ready') });`;
                const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
                window.seen = [];
                await new Promise((resolve, reject) => {
                  worker.onerror = (event) => reject(new Error(event.message));
                  worker.onmessage = ({ data }) => (data === 'ready' ? resolve() : seen.push(data));
                });
                """, user);
        assertThat(result).isEqualTo("nothing");
        backend.publish("rm.users." + user, "to a worker");
        Await.until("there", () -> seen().equals(List.of("to a worker")));
    }
}
