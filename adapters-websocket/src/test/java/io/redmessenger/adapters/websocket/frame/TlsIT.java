package io.redmessenger.adapters.websocket.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS keeps bytes to itself on both ways: what was read with the last record, and what was written but not flushed. */
class TlsIT {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    Path directory;

    @Test
    void messagesShouldPassInBothDirections() throws Exception {
        SSLContext context = context();
        Recorder echo = new Recorder.Echo();
        WebSocketUpgrade upgrade = new WebSocketUpgrade(WebSocketSettings.defaults(), exchange -> echo);
        Undertow undertow = Undertow.builder()
                .setIoThreads(1)
                .addHttpsListener(0, "127.0.0.1", context)
                .setHandler(upgrade)
                .build();
        undertow.start();
        int port = ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
        try (Socket socket = context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            // a whole request and several messages in one record
            String big = "b".repeat(9_000);
            socket.getOutputStream()
                    .write(ClientFrames.join(
                            RawClient.handshakeRequest(), ClientFrames.text("one"), ClientFrames.text("two")));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 101 ");
            assertThat(readText(in)).isEqualTo("one");
            assertThat(readText(in)).isEqualTo("two");
            for (int i = 0; i < 20; i++) {
                socket.getOutputStream().write(ClientFrames.join(ClientFrames.text(big), ClientFrames.text("x" + i)));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(readText(in)).isEqualTo(big);
                assertThat(readText(in)).isEqualTo("x" + i);
            }
            // more than the socket takes at once, unread for a while
            WebSocketConnection connection = echo.await();
            for (int i = 0; i < 1500; i++) {
                assertThat(connection.send(Frame.text(big))).isTrue();
            }
            connection.close(1001, "bye");
            for (int i = 0; i < 1500; i++) {
                assertThat(readText(in)).isEqualTo(big);
            }
            assertThat(in.readUnsignedShort()).isEqualTo(0x8805);
            assertThat(in.readUnsignedShort()).isEqualTo(1001);
            assertThat(in.readNBytes(3)).isEqualTo("bye".getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(ClientFrames.close(1001, ""));
            assertThat(in.read()).isEqualTo(-1);
            assertThat(echo.next()).isEqualTo("opened");
            assertThat(echo.next()).isEqualTo("closed:1001:bye");
            assertThat(connection.unsentBytes()).isZero();
        } finally {
            undertow.stop();
        }
    }

    private static String readText(DataInputStream in) throws Exception {
        assertThat(in.readUnsignedByte()).isEqualTo(0x81);
        int length = in.readUnsignedByte();
        length = length == 126 ? in.readUnsignedShort() : length;
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private SSLContext context() throws Exception {
        Path file = directory.resolve("test.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
