package io.redmessenger.adapters.websocket.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.redmessenger.adapters.websocket.Client;
import io.redmessenger.adapters.websocket.RawClient;
import io.redmessenger.adapters.websocket.RawClient.Received;
import io.redmessenger.adapters.websocket.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a client sends ends that client at most, with the code of the contract; a bystander goes on. */
class BadInputIT {

    private static final String JSON = "{\"type\":\"identify\",\"uid\":\"mallory\"}";

    /** What a client sends, the code it gets, and whether it is told why before. */
    record Case(String name, int code, boolean told, List<byte[]> frames) {

        static Case of(String name, int code, boolean told, String... texts) {
            return new Case(name, code, told, Stream.of(texts).map(Case::text).toList());
        }

        static byte[] text(String text) {
            return RawClient.frame(RawClient.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }

        static byte[] flood(String text, int count) {
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < count; i++) {
                flood.writeBytes(text(text));
            }
            return flood.toByteArray();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        byte[] binary = RawClient.frame(RawClient.BINARY, new byte[] {1});
        byte[] notUtf8 = RawClient.frame(RawClient.TEXT, new byte[] {'a', (byte) 0xc0, (byte) 0x80});
        byte[] cutUtf8 = RawClient.frame(RawClient.TEXT, new byte[] {'a', (byte) 0xe2, (byte) 0x82});
        byte[] large = Case.text("x".repeat(1_025));
        byte[] huge = Case.text("x".repeat(200_000));
        byte[] unmasked = {(byte) 0x81, 1, 'a'};
        return Stream.of(
                Case.of("bad uid", 4400, false, "a b"),
                Case.of("empty uid", 4400, false, ""),
                Case.of("uid too long", 4400, false, "x".repeat(129)),
                Case.of("bad uid in JSON", 4400, true, "{\"type\":\"identify\",\"uid\":\"a:b\"}"),
                Case.of("uid that is no string", 4400, true, "{\"type\":\"identify\",\"uid\":5}"),
                Case.of("bad ack mode", 4400, true, "{\"type\":\"identify\",\"uid\":\"mallory\",\"ack\":1}"),
                Case.of("second identification, text", 4400, false, "mallory", "mallory"),
                Case.of("second identification, JSON", 4400, true, JSON, JSON),
                Case.of("second identification, JSON after text", 4400, false, "mallory", JSON),
                Case.of("ack before identification", 4400, true, "{\"type\":\"ack\",\"id\":\"m1\"}"),
                Case.of("ack without id", 4400, true, JSON, "{\"type\":\"ack\"}"),
                Case.of("malformed JSON", 4400, true, "{\"type\":"),
                Case.of("malformed JSON after identification", 4400, true, JSON, "{]"),
                Case.of("deep JSON", 4400, true, "{\"a\":" + "[".repeat(500)),
                Case.of("unknown type", 4400, true, "{\"type\":\"publish\"}"),
                Case.of("token where there are none", 4401, true, "{\"type\":\"identify\",\"token\":\"a.b.c\"}"),
                new Case("binary", 1003, false, List.of(binary)),
                new Case("binary after identification", 1003, false, List.of(Case.text("mallory"), binary)),
                new Case("invalid UTF-8", 1007, false, List.of(notUtf8)),
                new Case("invalid UTF-8 after identification", 1007, false, List.of(Case.text("mallory"), notUtf8)),
                new Case("UTF-8 that is cut off", 1007, false, List.of(cutUtf8)),
                new Case("oversize", 1009, false, List.of(large)),
                new Case("oversize after identification", 1009, false, List.of(Case.text("mallory"), large)),
                new Case("far oversize", 1009, false, List.of(huge)),
                new Case("unmasked", 1002, false, List.of(unmasked)),
                new Case("flood of nonsense", 4400, true, List.of(Case.flood("{\"type\":\"x\"}", 5_000))),
                new Case("flood of identifiers", 4400, false, List.of(Case.flood("mallory", 5_000))),
                new Case(
                        "flood of acks before",
                        4400,
                        true,
                        List.of(Case.flood("{\"type\":\"ack\",\"id\":\"m\"}", 5_000))));
    }

    private static final List<Integer> PUBLISHED = new ArrayList<>();
    private static TestServer server = new TestServer();
    private static Client bystander = server.connect();

    @BeforeAll
    static void identify() {
        bystander.send("bob");
        server.awaitIdentified(1);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void badInputShouldEndTheConnectionWithItsCode(Case bad) throws IOException {
        double violations = server.metric("redmessenger_protocol_violation_total");
        try (RawClient client = server.raw().open()) {
            try {
                for (byte[] frame : bad.frames()) {
                    client.write(frame);
                }
            } catch (SocketException e) {
                assertThat(bad.frames().get(0).length)
                        .as("only a long one may be cut short")
                        .isGreaterThan(10_000);
            }
            List<String> texts = new ArrayList<>();
            Received received = client.next();
            while (received.opcode() == RawClient.TEXT) {
                texts.add(received.payload());
                received = client.next();
            }
            assertThat(received.opcode()).isEqualTo(RawClient.CLOSE);
            assertThat(received.code()).isEqualTo(bad.code());
            assertThat(received.payload()).isNotEmpty();
            List<String> errors = texts.stream()
                    .filter(text -> Client.json(text).path("type").asText().equals("error"))
                    .toList();
            assertThat(errors).hasSize(bad.told() ? 1 : 0);
            if (bad.told()) {
                assertThat(texts).last().isEqualTo(errors.get(0));
                assertThat(Client.json(errors.get(0)).path("retryable").asBoolean(true))
                        .isFalse();
                assertThat(Client.json(errors.get(0)).path("code").asText())
                        .isEqualTo(bad.code() == 4401 ? "unauthorized" : "bad_request");
            }
        }
        if (bad.code() > 4000 || bad.code() == 1003) {
            assertThat(server.metric("redmessenger_protocol_violation_total")).isEqualTo(violations + 1);
        }
        assertThatTheBystanderGoesOn();
    }

    @Test
    void anAbruptEndShouldHarmNobody() throws IOException {
        server.raw().close();
        server.raw().open().close();
        server.raw().open().send("mallory").close();
        assertThatTheBystanderGoesOn();
    }

    private static void assertThatTheBystanderGoesOn() {
        PUBLISHED.add(PUBLISHED.size());
        server.publish("bob", "p" + PUBLISHED.size());
        assertThat(bystander
                        .await(PUBLISHED.size())
                        .get(PUBLISHED.size() - 1)
                        .path("payload")
                        .asText())
                .isEqualTo("p" + PUBLISHED.size());
        assertThat(bystander.isClosed()).isFalse();
    }
}
