package io.redmessenger.bootstrap.e2e;

import io.redmessenger.application.contract.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jar, run with {@code serve}. */
public final class ServerProcess implements AutoCloseable {

    private static final Path JAR = Path.of(System.getProperty("redmessenger.jar", "target/redmessenger.jar"));
    private static final Pattern LISTENING = Pattern.compile(
            "RedMessenger listening on http://127\\.0\\.0\\.1:(\\d+)(?: .*?redis://127\\.0\\.0\\.1:(\\d+))?.*");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final Path dataDir;
    private final Path log;
    private final int port;
    private final int redisPort;

    private ServerProcess(Process process, Path dataDir, Path log, int port, int redisPort) {
        this.process = process;
        this.dataDir = dataDir;
        this.log = log;
        this.port = port;
        this.redisPort = redisPort;
    }

    /** Starts a server on free ports, with the embedded Redis of {@code dataDir}. */
    static ServerProcess start(Path dataDir, String... flags) {
        return start(dataDir, List.of(), flags);
    }

    public static ServerProcess start(Path dataDir, List<String> javaOptions, String... flags) {
        try {
            Files.createDirectories(dataDir);
            Path log = Files.createTempFile(dataDir, "server", ".log");
            List<String> command = new ArrayList<>(javaCommand(javaOptions));
            command.addAll(List.of("serve", "--ws-port", "0", "--data-dir", dataDir.toString()));
            command.addAll(List.of(flags));
            Process process =
                    new ProcessBuilder(command).redirectError(log.toFile()).start();
            Matcher line =
                    CompletableFuture.supplyAsync(() -> firstLine(process, log)).get(60, TimeUnit.SECONDS);
            String redis = line.group(2);
            return new ServerProcess(
                    process,
                    dataDir,
                    log,
                    Integer.parseInt(line.group(1)),
                    redis == null ? 0 : Integer.parseInt(redis));
        } catch (Exception e) {
            throw new AssertionError("the server did not start", e);
        }
    }

    static List<String> javaCommand(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        return command;
    }

    private static Matcher firstLine(Process process, Path log) {
        try {
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String line = output.readLine();
            Matcher matcher = LISTENING.matcher(String.valueOf(line));
            if (!matcher.matches()) {
                throw new AssertionError("standard output begins with: " + line + "\n" + Files.readString(log));
            }
            return matcher;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** The port of its Redis; 0 when the line that it prints names several. */
    int redisPort() {
        return redisPort;
    }

    Path dataDir() {
        return dataDir;
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process of the embedded Redis. */
    ProcessHandle redis() {
        try {
            long pid = Long.parseLong(
                    Files.readString(dataDir.resolve("redis.pid")).strip());
            return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("no process " + pid));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server's heap holds after a full collection, in KiB. */
    long liveHeapKilobytes() {
        return number(jcmd("GC.class_histogram"), "(?m)^Total\\s+\\d+\\s+(\\d+)") / 1024;
    }

    /** What direct buffers and the like take, in KiB; the server is to be started with {@code NativeMemoryTracking}. */
    long directKilobytes() {
        return number(jcmd("VM.native_memory", "summary"), "Other \\(reserved=\\d+KB, committed=(\\d+)KB");
    }

    /** How many connections it has. */
    long connections() {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            String body =
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return number(body, "(?m)^redmessenger_connections (\\d+)");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String jcmd(String... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            command.add(Long.toString(process.pid()));
            command.addAll(List.of(arguments));
            Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Kills the server with SIGKILL; its Redis lives on, as after a crash. */
    public void kill() {
        process.destroyForcibly();
        Await.value(process.onExit());
    }

    /** Sends SIGTERM, and returns the exit code. */
    public int terminate() {
        process.destroy();
        return Await.value(process.onExit()).exitValue();
    }

    /** The process of the server itself. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    public static void signal(ProcessHandle process, String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("kill -" + name + " failed");
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroy();
            try {
                if (!process.waitFor(15, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("the server did not stop within " + Duration.ofSeconds(15) + "\n" + log());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
