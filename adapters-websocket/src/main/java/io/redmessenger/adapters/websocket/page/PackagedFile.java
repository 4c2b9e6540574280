package io.redmessenger.adapters.websocket.page;

import io.redmessenger.adapters.websocket.server.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A file that comes with the server. It is held in memory; browsers ask each time whether theirs is still the same, so that
 * nobody is left with the script of an older server (RFC 9110, section 13.1.2).
 */
final class PackagedFile implements HttpHandler {

    private static final int TAG_BYTES = 12;

    private final String contentType;
    private final byte[] content;
    private final String tag;
    private final Map<HttpString, String> headers;

    private PackagedFile(String contentType, byte[] content, Map<HttpString, String> headers) {
        this.contentType = contentType;
        this.content = content;
        this.headers = Map.copyOf(headers);
        this.tag = '"' + digest(content) + '"';
    }

    /**
     * @param name of a file beside this class
     * @param headers what the answer says beside the usual
     */
    static PackagedFile read(String name, String contentType, Map<HttpString, String> headers) {
        return new PackagedFile(contentType, bytesOf(name), headers);
    }

    /** As above, with one text of the file replaced. */
    static PackagedFile read(
            String name, String contentType, Map<HttpString, String> headers, String target, String replacement) {
        String text = new String(bytesOf(name), StandardCharsets.UTF_8).replace(target, replacement);
        return new PackagedFile(contentType, text.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static byte[] bytesOf(String name) {
        try (InputStream input = PackagedFile.class.getResourceAsStream(name)) {
            if (input == null) {
                throw new IllegalStateException("the build has left out " + name);
            }
            return input.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(Arrays.copyOf(hash, TAG_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        HttpString method = exchange.getRequestMethod();
        if (!method.equals(Methods.GET) && !method.equals(Methods.HEAD)) {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
            Problem.send(exchange, StatusCodes.METHOD_NOT_ALLOWED, "this path takes GET");
            return;
        }
        exchange.getResponseHeaders().put(Headers.ETAG, tag).put(Headers.CACHE_CONTROL, "no-cache");
        headers.forEach((name, value) -> exchange.getResponseHeaders().put(name, value));
        if (isKnownToClient(exchange)) {
            exchange.setStatusCode(StatusCodes.NOT_MODIFIED).endExchange();
        } else {
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
            exchange.getResponseSender().send(ByteBuffer.wrap(content).asReadOnlyBuffer());
        }
    }

    private boolean isKnownToClient(HttpServerExchange exchange) {
        String known = exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH);
        return known != null
                && Stream.of(known.split(",", -1))
                        .map(String::strip)
                        .anyMatch(one -> one.equals("*") || one.equals(tag) || one.equals("W/" + tag));
    }
}
