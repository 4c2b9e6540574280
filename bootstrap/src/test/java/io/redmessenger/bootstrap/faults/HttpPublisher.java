package io.redmessenger.bootstrap.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A backend that uses the HTTP API of any node: accepted when it is answered by 202. */
final class HttpPublisher extends Publisher {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final SplittableRandom choice;
    private final List<Node> nodes;

    HttpPublisher(String name, List<String> users, SplittableRandom random, List<Node> nodes, Recorder recorder) {
        super(Way.HTTP, name, users, Load.REST, random, recorder);
        this.choice = random.split();
        this.nodes = nodes;
    }

    @Override
    boolean publish(String address, String id, String payload, long ttl) throws InterruptedException {
        String path = address.replace("rm.users.", "users/").replace("rm.channels.", "channels/");
        int port = nodes.get(choice.nextInt(nodes.size())).port();
        String body = ttl > 0 ? "{\"payload\":\"" + payload + "\",\"ttl\":" + ttl + "}" : payload;
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/v1/" + path + "/messages"))
                .header("Content-Type", ttl > 0 ? "application/json" : "text/plain")
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 202;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {}
}
