package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority and a certificate of a server, made anew for each test by the JDK's keytool. */
final class TestCertificates {

    private static final String PASSWORD = "changeit";
    private static final String SERVER = "server";
    private static final String AUTHORITY = "authority";

    private final Path directory;
    private final Path store;

    /** @param names whom the server's certificate names, such as {@code ip:127.0.0.1} */
    TestCertificates(Path directory, String names) throws IOException, InterruptedException, GeneralSecurityException {
        this.directory = directory;
        this.store = directory.resolve("store.p12");
        generate(AUTHORITY, "-ext", "bc:c=ca:true", "-ext", "ku=keyCertSign");
        generate(SERVER, "-signer", AUTHORITY, "-ext", "san=" + names);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        write(certificate(), "CERTIFICATE", keys.getCertificate(SERVER).getEncoded());
        write(authority(), "CERTIFICATE", keys.getCertificate(AUTHORITY).getEncoded());
        write(key(), "PRIVATE KEY", keys.getKey(SERVER, PASSWORD.toCharArray()).getEncoded());
    }

    private void generate(String alias, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "30",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
        command.addAll(List.of(options));
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new AssertionError(Files.readString(directory.resolve("keytool.log")));
        }
    }

    private static void write(Path file, String kind, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }

    Path certificate() {
        return directory.resolve("server.pem");
    }

    Path key() {
        return directory.resolve("server.key");
    }

    Path authority() {
        return directory.resolve("authority.pem");
    }
}
