package io.redmessenger.adapters.websocket.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.ServerSettings;
import io.redmessenger.adapters.websocket.TestServer;
import io.redmessenger.application.contract.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NewcomersPageIT {

    private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/|text/html; charset=utf-8",
                "/page.css|text/css; charset=utf-8",
                "/page.js|" + JAVASCRIPT,
                "/icon.svg|image/svg+xml",
                "/redmessenger.js|" + JAVASCRIPT,
                "/redmessenger.mjs|" + JAVASCRIPT
            })
    void eachFileShouldComeWithItsTypeAndATag(String path, String type) {
        HttpResponse<String> response = server.request("GET", path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains(type);
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.body()).isNotEmpty();

        String tag = response.headers().firstValue("ETag").orElseThrow();
        for (String known : new String[] {tag, "\"other\", " + tag, "W/" + tag, "*"}) {
            HttpResponse<String> same = requestKnowing(path, known);
            assertThat(same.statusCode()).as(known).isEqualTo(304);
            assertThat(same.body()).isEmpty();
            assertThat(same.headers().firstValue("ETag")).contains(tag);
        }
        assertThat(requestKnowing(path, "\"other\"").statusCode()).isEqualTo(200);

        HttpResponse<String> head = server.request("HEAD", path);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length"))
                .isEqualTo(response.headers().firstValue("Content-Length"));
    }

    private HttpResponse<String> requestKnowing(String path, String tags) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port + path))
                .header("If-None-Match", tags)
                .build();
        return Await.value(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void anotherMethodShouldBeRefusedWithTheRightOnes(String method) {
        for (String path : new String[] {"/", "/redmessenger.js"}) {
            HttpResponse<String> response = server.request(method, path);
            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
        }
    }

    @Test
    void thePageShouldRunItsOwnScriptsOnly() {
        HttpResponse<String> page = server.request("GET", "/");
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy).startsWith("default-src 'none'; script-src 'self'; style-src 'self';");
        assertThat(policy).doesNotContain("unsafe").doesNotContain("*").doesNotContain("http");
        assertThat(page.body())
                .doesNotContainPattern("<script(?![^>]* src=\"/)")
                .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=")
                .doesNotContainPattern(Pattern.compile("(src|href)=\"(https?:)?//"));
    }

    @Test
    void theClientShouldBeTheOneOfTheSourcesAndUsableByOtherPages() throws IOException {
        for (String name : new String[] {"redmessenger.js", "redmessenger.mjs"}) {
            HttpResponse<String> response = server.request("GET", "/" + name);
            assertThat(response.body()).isEqualTo(Files.readString(Path.of("..", "client", name)));
            assertThat(response.headers().firstValue("Access-Control-Allow-Origin"))
                    .contains("*");
        }
    }

    @Test
    void thePageShouldKnowTheRoute() {
        server.close();
        ServerSettings usual = TestServer.SETTINGS;
        ServerSettings other = new ServerSettings(
                usual.host(),
                0,
                "/push/\"me\"",
                usual.maxConnections(),
                usual.maxMessageBytes(),
                usual.identifyTimeout(),
                usual.pingInterval(),
                usual.pingTimeout(),
                usual.allowedOrigins());
        server = new TestServer(other, TestServer.SESSIONS);
        assertThat(server.request("GET", "/").body())
                .contains("data-route=\"/push/&quot;me&quot;\"")
                .doesNotContain("{rm_route}");
    }
}
