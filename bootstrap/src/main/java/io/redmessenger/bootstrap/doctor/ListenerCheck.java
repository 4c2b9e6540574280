package io.redmessenger.bootstrap.doctor;

import io.redmessenger.application.port.out.Finding;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Whether the server could listen where it is told to. */
final class ListenerCheck {

    private static final String CHECK = "listener";
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final int USUAL_PORT = 8080;
    private static final int FIRST_FREE_TO_ALL = 1024;

    private ListenerCheck() {}

    /** @param route where a server of ours says who it is */
    static Finding of(String host, int port, String route) throws InterruptedException {
        String at = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return Finding.problem(
                    CHECK,
                    "ws_host " + host + " is not known",
                    "No name service knows it. 127.0.0.1 serves this machine only, 0.0.0.0 every network that it is in:",
                    "redmessenger serve --ws-host 127.0.0.1");
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(address, port));
            return Finding.ok(
                    CHECK, port == 0 ? "ws_port 0: a free port of " + host + " will be picked" : at + " is free");
        } catch (BindException e) {
            return bound(address, at, port, route, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Finding.problem(
                    CHECK,
                    "cannot listen at " + at + ": " + e.getMessage(),
                    "Try another address:",
                    "redmessenger serve --ws-host 127.0.0.1 --ws-port " + freePort(address));
        }
    }

    private static Finding bound(InetAddress address, String at, int port, String route, String reason)
            throws InterruptedException {
        if (reason.contains("assign")) {
            return Finding.problem(
                    CHECK,
                    "ws_host " + address.getHostAddress() + " is no address of this machine",
                    "The server can only listen at an address that the machine has ('hostname -I' lists them), or at all:",
                    "redmessenger serve --ws-host 0.0.0.0");
        }
        if (reason.contains("ermission")) {
            return Finding.problem(
                    CHECK,
                    "this user may not listen at " + at,
                    "Ports below " + FIRST_FREE_TO_ALL
                            + " belong to root. Take another, with a proxy in front; or, for all"
                            + " programs of this machine:",
                    "sudo sysctl net.ipv4.ip_unprivileged_port_start=" + port);
        }
        return isOurs(address, port, route)
                ? Finding.ok(CHECK, at + " is taken by a RedMessenger that runs (a second one needs another ws_port)")
                : Finding.problem(
                        CHECK,
                        at + " is taken by another program",
                        "The server cannot listen there. 'sudo ss -ltnp sport = :" + port
                                + "' says which it is; this port is" + " free:",
                        "redmessenger serve --ws-port " + freePort(address));
    }

    private static boolean isOurs(InetAddress address, int port, String route) throws InterruptedException {
        InetAddress reachable = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
        String host = reachable.getHostAddress();
        String base = "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
        for (String path : List.of(route, "/")) {
            try {
                HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(ANSWER)
                        .build();
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200 && response.body().contains("RedMessenger")) {
                    return true;
                }
            } catch (IOException | IllegalArgumentException e) {
                return false; // whatever it is, it speaks no HTTP
            }
        }
        return false;
    }

    private static int freePort(InetAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            return USUAL_PORT;
        }
    }
}
