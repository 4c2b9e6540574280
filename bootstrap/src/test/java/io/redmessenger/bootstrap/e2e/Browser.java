package io.redmessenger.bootstrap.e2e;

import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a window, with a profile of its own. Nothing is downloaded: both programs must be installed. */
final class Browser implements AutoCloseable {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    private final ChromeDriver driver;

    /** What the console has said, which the driver tells once only. */
    private final List<String> console = new ArrayList<>();

    static {
        // the few commands of the DevTools protocol that are used here need no implementation of its version
        Logger.getLogger("org.openqa.selenium").setLevel(Level.SEVERE);
    }

    Browser() {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(program("CHROMIUM", "/usr/bin/chromium").toFile());
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=1280,900");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(
                                program("CHROMEDRIVER", "/usr/bin/chromedriver").toFile())
                        .build(),
                options);
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(20)).pageLoadTimeout(Duration.ofSeconds(20));
    }

    private static Path program(String variable, String usual) {
        Path path = Path.of(System.getenv().getOrDefault(variable, usual));
        if (!Files.isExecutable(path)) {
            throw new AssertionError(
                    "the browser tests need " + path + " (Debian: apt-get install --no-install-recommends"
                            + " chromium chromium-driver), or another in " + variable);
        }
        return path;
    }

    Browser open(String url) {
        driver.get(url);
        return this;
    }

    /** Opens a tab and goes there; its name is for {@link #tab}. */
    String openTab(String url) {
        driver.switchTo().newWindow(WindowType.TAB);
        driver.get(url);
        return driver.getWindowHandle();
    }

    String tab() {
        return driver.getWindowHandle();
    }

    Browser tab(String name) {
        driver.switchTo().window(name);
        return this;
    }

    List<String> tabs() {
        return List.copyOf(driver.getWindowHandles());
    }

    /** Closes this tab and goes to another. */
    void closeTab(String next) {
        driver.close();
        tab(next);
    }

    void reload() {
        driver.navigate().refresh();
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    void click(String css) {
        find(css).click();
    }

    void fill(String css, String text) {
        WebElement field = find(css);
        field.clear();
        field.sendKeys(text);
    }

    String text(String css) {
        return find(css).getText();
    }

    List<String> texts(String css) {
        return driver.findElements(By.cssSelector(css)).stream()
                .map(element -> String.valueOf(element.getDomProperty("textContent")))
                .toList();
    }

    void awaitText(String css, String part) {
        Await.until(css + " has the text: " + part, () -> text(css).contains(part));
    }

    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** The id of the element that has the keyboard. */
    String focused() {
        return String.valueOf(run("return document.activeElement.id"));
    }

    /** Runs a script, and returns what it returns. */
    Object run(String script, Object... arguments) {
        return orNothing(driver.executeScript(script, arguments));
    }

    /** Runs the body of an asynchronous function, and returns what its promise resolves to. */
    Object await(String body, Object... arguments) {
        String script = "const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);"
                + "(async (...args) => {" + body
                + "})(...given).then(done, (error) => done('failed: ' + error.stack));";
        Object result = driver.executeAsyncScript(script, arguments);
        if (result instanceof String text && text.startsWith("failed: ")) {
            throw new AssertionError(text);
        }
        return orNothing(result);
    }

    private static Object orNothing(@Nullable Object result) {
        return result == null ? "nothing" : result;
    }

    /** What the console has said since the browser was started, in all tabs. */
    List<String> console() {
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            console.add(entry.getLevel() + " " + entry.getMessage());
        }
        return console;
    }

    void screen(int width, int height, boolean phone, boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** Lets the page show notifications, and look at the clipboard, without a question. */
    void grant(String origin, String... permissions) {
        driver.executeCdpCommand(
                "Browser.grantPermissions", Map.of("origin", origin, "permissions", List.of(permissions)));
    }

    /** Of the whole page, to target/screenshots. */
    Path screenshot(String name) {
        Map<String, Object> answer = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        try {
            Files.createDirectories(SCREENSHOTS);
            return Files.write(
                    SCREENSHOTS.resolve(name + ".png"), Base64.getDecoder().decode((String) answer.get("data")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
