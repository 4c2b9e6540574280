package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Waits for a Redis that starts. */
final class RedisPing {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private RedisPing() {}

    static void awaitAnswer(String host, int port) {
        Await.until("Redis answers at " + host + ":" + port, LIMIT, () -> answers(host, port));
    }

    private static boolean answers(String host, int port) {
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII).equals("+PONG");
        } catch (SocketException | SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
