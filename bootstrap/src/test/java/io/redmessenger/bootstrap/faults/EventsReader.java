package io.redmessenger.bootstrap.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.SplittableRandom;

/** Server-sent events. It acknowledges by its next connection, so it comes anew every few seconds. */
final class EventsReader extends Reader {

    private String lastEventId = "";

    EventsReader(String name, String user, List<Node> nodes, SplittableRandom random, Habit habit, Recorder recorder) {
        super(name, user, nodes, random, habit, recorder);
    }

    @Override
    String session(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) CONNECT_TIMEOUT.toMillis());
            socket.setSoTimeout((int) SILENCE_MILLIS);
            String resumption = lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n";
            String request = "GET /rm/events?uid=" + user() + " HTTP/1.0\r\nHost: localhost\r\n" + resumption + "\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return read(new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)));
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private String read(BufferedReader lines) throws IOException {
        String type = "message";
        String data = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("event: ")) {
                type = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data += line.substring(6);
            } else if (line.isEmpty()) {
                if (type.equals("message") && !data.isEmpty()) {
                    lastEventId = record(data);
                } else if (type.equals("missed")) {
                    recordMissed(data);
                }
                type = "message";
                data = "";
            }
            if (data.isEmpty() && shouldLeave()) {
                return "left";
            }
        }
        return "ended";
    }
}
