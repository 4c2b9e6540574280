package io.redmessenger.adapters.redis;

import io.redmessenger.application.contract.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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
        return answer(host, port, "PING").startsWith("+PONG");
    }

    /** The first line of an answer; empty when there is none. */
    static String answer(String host, int port, String command) {
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return line == null ? "" : line;
        } catch (SocketException | SocketTimeoutException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
