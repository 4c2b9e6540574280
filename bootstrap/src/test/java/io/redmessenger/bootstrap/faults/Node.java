package io.redmessenger.bootstrap.faults;

import io.redmessenger.adapters.redis.CuttableProxy;
import io.redmessenger.application.contract.Await;
import io.redmessenger.bootstrap.e2e.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node with a network before and behind it. Clients know the port of the former, which stays when the node is started anew. */
final class Node implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final List<String> JAVA =
            List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
    private static final List<String> FLAGS =
            List.of("--ping-interval=2", "--ping-timeout=3", "--drain-seconds=1", "--queue-limit=" + Load.QUEUE_LIMIT);

    private final int index;
    private final String name;
    private final Path directory;
    private final Store store;
    private final CuttableProxy storeLink;
    private final CuttableProxy clientLink;
    private final Thread killer = new Thread(this::kill);
    private @Nullable ServerProcess process;

    Node(int index, Path directory, Store store) {
        this.index = index;
        this.name = "node" + index;
        this.directory = directory.resolve(name);
        this.store = store;
        this.storeLink = new CuttableProxy(store.port());
        this.clientLink = new CuttableProxy(0);
        Runtime.getRuntime().addShutdownHook(killer);
    }

    int index() {
        return index;
    }

    /** Where clients connect to. */
    int port() {
        return clientLink.port();
    }

    CuttableProxy storeLink() {
        return storeLink;
    }

    CuttableProxy clientLink() {
        return clientLink;
    }

    void start() {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(List.of("--node-id", name));
        flags.addAll(store.flags(storeLink.port()));
        ServerProcess started = ServerProcess.start(directory, JAVA, flags.toArray(String[]::new));
        process = started;
        clientLink.target(started.port());
    }

    private ServerProcess process() {
        ServerProcess running = process;
        if (running == null) {
            throw new IllegalStateException(name + " was not started");
        }
        return running;
    }

    void kill() {
        ServerProcess running = process;
        if (running != null) {
            running.kill();
        }
    }

    void terminate() {
        int code = process().terminate();
        if (code != 0) {
            throw new AssertionError(name + " ended by SIGTERM with " + code);
        }
    }

    void pause() {
        ServerProcess.signal(process().handle(), "STOP");
    }

    void resume() {
        ServerProcess.signal(process().handle(), "CONT");
    }

    /** Starts it again if it has ended, and mends its networks. */
    void mend() {
        storeLink.heal();
        clientLink.heal();
        if (!process().handle().isAlive()) {
            start();
        }
    }

    void awaitReady() {
        Await.until(name + " is ready", Duration.ofSeconds(60), this::isReady);
    }

    private boolean isReady() {
        try {
            URI uri = URI.create("http://127.0.0.1:" + process().port() + "/health/ready");
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(3)).build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(killer);
        storeLink.close();
        clientLink.close();
    }
}
