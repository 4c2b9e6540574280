package io.redmessenger.bootstrap.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * The {@code redis-server} on the class path, for the platform that we run on. The jar that carries it is used for nothing
 * else.
 */
final class RedisBinary {

    static final String VERSION = "7.0.15";

    private final URL resource;
    private final String name;

    private RedisBinary(URL resource, String name) {
        this.resource = resource;
        this.name = name;
    }

    static RedisBinary forThisPlatform() {
        return forPlatform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    /** @throws EmbeddedRedisException when there is none for the platform */
    static RedisBinary forPlatform(String system, String architecture) {
        String name = "redis-server-" + VERSION + "-" + systemName(system) + "-" + architectureName(architecture);
        URL resource = RedisBinary.class.getResource("/" + name);
        if (resource == null) {
            throw new EmbeddedRedisException("there is no embedded Redis for " + system + " on " + architecture
                    + "; run a Redis of your own and set redis_host or redis_url");
        }
        return new RedisBinary(resource, name);
    }

    private static String systemName(String system) {
        String lower = system.toLowerCase(Locale.ROOT);
        return lower.startsWith("mac") ? "darwin" : lower;
    }

    private static String architectureName(String architecture) {
        return switch (architecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            case "x86", "i386", "i686" -> "386";
            default -> architecture;
        };
    }

    /**
     * Returns the path of the executable in {@code directory}. It is written there when it is missing or damaged: beside its
     * place first and then moved, so that no process ever starts half of it.
     */
    Path extractedTo(Path directory) throws IOException {
        long checksum = checksum();
        Path file = directory.resolve(name + "-" + HexFormat.of().toHexDigits(checksum, 8));
        if (!Files.isExecutable(file) || checksumOf(Files.newInputStream(file)) != checksum) {
            Path unfinished = Files.createTempFile(directory, name, ".part");
            try {
                try (InputStream in = resource.openStream()) {
                    Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwx------"));
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
        return file;
    }

    /** The jar knows the checksum of what is in it: nothing is unpacked to find it out. */
    private long checksum() throws IOException {
        URLConnection connection = resource.openConnection();
        if (connection instanceof JarURLConnection jar && jar.getJarEntry() != null) {
            return jar.getJarEntry().getCrc();
        }
        return checksumOf(connection.getInputStream());
    }

    private static long checksumOf(InputStream content) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(content, new CRC32())) {
            byte[] buffer = new byte[1 << 16];
            while (in.read(buffer) >= 0) {
                // only the checksum counts
            }
            return in.getChecksum().getValue();
        }
    }
}
