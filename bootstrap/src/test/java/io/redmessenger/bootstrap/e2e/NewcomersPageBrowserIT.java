package io.redmessenger.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** The page at {@code /}, in Chromium. Screenshots of it are left in target/screenshots. */
class NewcomersPageBrowserIT {

    private static ServerProcess server;
    private static Backend backend;
    private static String home;

    private Browser browser;

    @BeforeAll
    static void start(@TempDir Path dataDir) {
        server = ServerProcess.start(dataDir);
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
        browser = new Browser().open(home);
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    private void connect(String user) {
        browser.fill("#uid", user);
        browser.click("#connect");
        browser.awaitText("#status", "Connected as " + user);
    }

    /** The messages of this tab, newest first. */
    private List<String> shown() {
        return browser.texts("#log .payload");
    }

    private void awaitShown(String... newestFirst) {
        Await.until("shown: " + List.of(newestFirst), () -> shown().equals(List.of(newestFirst)));
    }

    private static void awaitWaiting(String user, long count) {
        Await.until(count + " wait for " + user, () -> backend.waiting(user) == count);
    }

    @Test
    void aNewcomerShouldConnectOpenASecondTabLeaveAndComeBack() {
        connect("ann");
        String first = browser.tab();
        browser.click("#second-tab");
        Await.until("two tabs", () -> browser.tabs().size() == 2);
        String second = browser.tabs().stream()
                .filter(tab -> !tab.equals(first))
                .findFirst()
                .orElseThrow();
        browser.tab(second).awaitText("#status", "Connected as ann");

        backend.publish("rm.users.ann", "to both");
        awaitShown("to both");
        assertThat(browser.text("#log .message")).contains("at once").doesNotContain("bubble");
        browser.tab(first);
        awaitShown("to both");
        assertThat(browser.text("#log .message")).contains("to user ann", "at once", "bubble: this tab notifies");

        browser.tab(second).closeTab(first);
        browser.click("#leave");
        browser.awaitText("#status", "Not connected");
        assertThat(browser.find("#story-publish").getDomAttribute("aria-current"))
                .isEqualTo("step");
        Await.until("the server has noticed both", () -> backend.metric("connections") == 0);
        backend.publish("rm.users.ann", "missed 1");
        backend.publish("rm.users.ann", "missed 2");
        awaitWaiting("ann", 2);

        browser.click("#return");
        awaitShown("missed 2", "missed 1", "to both");
        browser.awaitText("#status", "2 messages have waited");
        assertThat(browser.texts("#log .waited .payload")).containsExactly("missed 2", "missed 1");
        awaitWaiting("ann", 0);
        backend.publish("rm.users.ann", "live again");
        awaitShown("live again", "missed 2", "missed 1", "to both");
        assertThat(browser.texts("#log .waited")).hasSize(2);
    }

    @Test
    void aChannelShouldReachItsMember() {
        connect("ben");
        backend.redis().sadd("rm:channels:cats:subscribers", "ben");
        backend.publish("rm.channels.cats", "Meow");
        awaitShown("Meow");
        assertThat(browser.text("#log .message")).contains("from channel cats");
    }

    @Test
    void publishingFromThePageShouldWorkOrSayHowElse() throws IOException, InterruptedException {
        connect("cleo");
        boolean api = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(home + "api/v1/users/nobody/messages"))
                                        .header("Content-Type", "text/plain")
                                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode()
                == 202;
        browser.fill("#payload", "it's <b>me</b>");
        browser.click("#publish");
        if (api) {
            awaitShown("it's <b>me</b>");
            browser.awaitText("#outcome", "Accepted");
            browser.click("input[value=channels]");
            browser.fill("#target", "dogs");
            browser.click("#join");
            browser.awaitText("#outcome", "cleo is now a member of dogs");
            browser.fill("#payload", "Woof");
            browser.click("#publish");
            awaitShown("Woof", "it's <b>me</b>");
        } else {
            browser.awaitText("#by-hand", "in a terminal");
            assertThat(browser.text("#by-hand-command"))
                    .isEqualTo("redis-cli PUBLISH rm.users.cleo 'it'\\''s <b>me</b>'");
            browser.click("input[value=channels]");
            browser.fill("#target", "dogs");
            browser.click("#join");
            browser.awaitText("#by-hand-command", "redis-cli SADD rm:channels:dogs:subscribers cleo");
        }
    }

    @Test
    void markupShouldBeShownAndNeverExecuted() {
        connect("dora");
        String[] payloads = {
            "<img src=x onerror=\"document.title='owned'\">",
            "<script>document.title='owned'</script>",
            "<svg onload=\"document.title='owned'\"><iframe srcdoc=\"<script>parent.document.title='owned'</script>\">"
        };
        for (String payload : payloads) {
            backend.publish("rm.users.dora", payload);
        }
        awaitShown(payloads[2], payloads[1], payloads[0]);
        assertThat(browser.run("return document.querySelectorAll('#log :is(img, script, svg, iframe)').length"))
                .isEqualTo(0L);
        assertThat(browser.run("return document.title")).isEqualTo("RedMessenger: try it");
    }

    @Test
    void thePolicyShouldHoldAndThePageShouldKeepToIt() {
        connect("erna");
        backend.publish("rm.users.erna", "hello");
        awaitShown("hello");
        browser.click("#publish");
        browser.click("#leave");
        browser.click("#return");
        browser.click("#clear");
        assertThat(browser.console()).noneMatch(NewcomersPageBrowserIT::isViolation);

        browser.run(
                "const script = document.createElement('div'); try { script.innerHTML = '<b>x</b>'; } catch (e) {}"
                        + "const style = document.createElement('style'); style.append('body{}'); document.head.append(style);");
        Await.until(
                "a violation is told of",
                () -> browser.console().stream().anyMatch(NewcomersPageBrowserIT::isViolation));
    }

    private static boolean isViolation(String entry) {
        return entry.contains("Content Security Policy") || entry.contains("TrustedHTML");
    }

    @Test
    void theWholeStoryShouldBeTellableByKeyboardAlone() {
        assertThat(tabTo("uid")).isLessThan(5);
        browser.press(Keys.chord(Keys.CONTROL, "a"), "fay", Keys.ENTER);
        browser.awaitText("#status", "Connected as fay");
        assertThat(browser.run(
                        "const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth"))
                .as("the focus is seen")
                .isEqualTo("solid3px");
        tabTo("leave");
        browser.press(Keys.ENTER);
        browser.awaitText("#status", "Not connected");
        assertThat(browser.focused()).as("where the story goes on").isEqualTo("payload");
        backend.publish("rm.users.fay", "by keyboard");
        awaitWaiting("fay", 1);
        tabTo("return");
        browser.press(Keys.ENTER);
        awaitShown("by keyboard");
        Await.until("the focus goes on", () -> browser.focused().equals("leave"));
        assertThat(tabTo("log")).as("the messages can be scrolled").isPositive();
    }

    /** Presses tab until the element has the keyboard. */
    private int tabTo(String id) {
        for (int i = 1; i < 40; i++) {
            browser.press(Keys.TAB);
            if (browser.focused().equals(id)) {
                return i;
            }
        }
        throw new AssertionError("not reached by keyboard: " + id);
    }

    @Test
    void aScreenReaderShouldKnowWhatIsWhat() {
        assertThat(
                        browser.run(
                                "return [...document.querySelectorAll('input')].filter(i => i.labels.length === 0).map(i => i.id)"))
                .isEqualTo(List.of());
        assertThat(
                        browser.run(
                                "return [...document.querySelectorAll('button, a, summary')].filter(b => !b.hidden && !b.textContent.trim()).length"))
                .isEqualTo(0L);
        assertThat(browser.run(
                        "return [...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap(e =>"
                                + " [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby')]).filter(id =>"
                                + " id && !document.getElementById(id))"))
                .isEqualTo(List.of());
        assertThat(browser.find("#log").getDomAttribute("aria-live")).isEqualTo("polite");
        assertThat(browser.find("#status").getAriaRole()).isEqualTo("status");
        assertThat(browser.run("return document.documentElement.lang")).isEqualTo("en");
        assertThat(browser.run("return [...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName).join()"))
                .isEqualTo("H1,H2,H2,H2,H2");
    }

    @ParameterizedTest
    @CsvSource({
        "desktop-light,1280,900,false,false",
        "desktop-dark,1280,900,false,true",
        "phone-light,360,740,true,false",
        "phone-dark,360,740,true,true",
        "tablet-light,820,1180,true,false"
    })
    void itShouldLookGood(String name, int width, int height, boolean phone, boolean dark) throws IOException {
        String user = "gil-" + name;
        browser.screen(width, height, phone, dark);
        backend.publish("rm.users." + user, "Your parcel has been shipped while you were away");
        awaitWaiting(user, 1);
        connect(user);
        backend.redis().sadd("rm:channels:news:subscribers", user);
        backend.publish("rm.users." + user, "Hello");
        backend.publish("rm.channels.news", "<b>Breaking</b>: " + "no-place-to-break".repeat(8));
        Await.until("three are shown", () -> shown().size() == 3);
        browser.click("input[value=channels]");
        browser.run("document.querySelector('details').open = true");
        assertThat(Files.size(browser.screenshot("page-" + name))).isGreaterThan(20_000);

        assertThat(browser.run("return document.documentElement.scrollWidth - innerWidth"))
                .as("nothing sticks out")
                .isEqualTo(0L);
        assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(dark ? "rgb(21, 20, 19)" : "rgb(246, 245, 243)");
        assertThat(browser.run(CONTRASTS)).as("text that is hard to read").isEqualTo(List.of());
        assertThat(
                        browser.run(
                                "return [...document.querySelectorAll('button, .button, input:not([type=radio]), summary')]"
                                        + ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 40).map(e => e.id)"))
                .as("too small for a finger")
                .isEqualTo(List.of());
    }

    /** Texts whose contrast is less than WCAG 2.2 (1.4.3) asks for; what is disabled is exempt. */
    private static final String CONTRASTS = """
            const rgb = (color) => (color.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
            const ground = (e) => { for (; e; e = e.parentElement) {
              const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
            const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) =>
              v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            return [...document.querySelectorAll('body *')].filter((e) => e.offsetParent && !e.disabled
                && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
              const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
              return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + '#' + e.id + ' ' + e.textContent.slice(0, 30)];
            }).filter(([ratio]) => ratio < 4.5).map(([ratio, what]) => ratio.toFixed(2) + ' ' + what);
            """;
}
