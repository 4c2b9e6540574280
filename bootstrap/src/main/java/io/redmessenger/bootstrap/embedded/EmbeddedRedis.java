package io.redmessenger.bootstrap.embedded;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis of our own on the data directory, for whoever has none: on loopback, without a password, with an append-only file
 * that loses at most the last second when the machine dies, and nothing when only a process does.
 *
 * <p>One server at a time uses a data directory. When Redis dies it is started again on the same port. When this process is
 * killed Redis goes on, and the next start adopts it. Thread-safe.
 */
public final class EmbeddedRedis implements AutoCloseable {

    /** Where it listens, unless that is taken. */
    public static final int USUAL_PORT = 6379;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
    private static final long LONG_LIFE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long TURN_MILLIS = 10;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final long LAUNCH_MILLIS = 30_000;

    private final RedisDirectory directory;
    private final Path binary;
    private final FileChannel lock;
    private final boolean adopted;
    private final Runnable onRestart;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread watcher = new Thread(this::watch, "embedded-redis");
    private volatile RedisProcess process;
    private volatile @Nullable RespConnection watched;

    private EmbeddedRedis(
            RedisDirectory directory,
            Path binary,
            FileChannel lock,
            RedisProcess process,
            boolean adopted,
            Runnable onRestart) {
        this.directory = directory;
        this.binary = binary;
        this.lock = lock;
        this.process = process;
        this.adopted = adopted;
        this.onRestart = onRestart;
        watcher.setDaemon(true);
    }

    /**
     * Starts Redis, or adopts the one that still runs on the directory, and returns when it is ready. Blocks meanwhile: about
     * 0.2 s, longer when its file is large.
     *
     * @param dataDir created when it is missing
     * @throws EmbeddedRedisException when that is not possible, with a message for an operator
     */
    public static EmbeddedRedis start(Path dataDir) {
        return start(dataDir, USUAL_PORT, () -> {});
    }

    /** @param onRestart runs each time that Redis had died and is there again */
    static EmbeddedRedis start(Path dataDir, int usualPort, Runnable onRestart) {
        RedisBinary binary = RedisBinary.forThisPlatform();
        try {
            RedisDirectory directory = RedisDirectory.prepared(dataDir);
            FileChannel lock = directory.lock();
            try {
                EmbeddedRedis redis = start(directory, lock, binary, usualPort, onRestart);
                redis.watcher.start();
                return redis;
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new EmbeddedRedisException(
                    "data_dir " + dataDir.toAbsolutePath().normalize() + " cannot be used: " + reason(e)
                            + "; set data_dir to a directory that this user may write, or redis_host to a Redis of your own",
                    e);
        }
    }

    private static EmbeddedRedis start(
            RedisDirectory directory, FileChannel lock, RedisBinary binary, int usualPort, Runnable onRestart)
            throws IOException {
        Path executable = binary.extractedTo(directory.binaries());
        Optional<RedisProcess> left = RedisProcess.leftBehind(directory);
        if (left.isPresent()) {
            LOG.info(
                    "adopted the embedded Redis that was running on port {}",
                    left.get().port());
            return new EmbeddedRedis(directory, executable, lock, left.get(), true, onRestart);
        }
        RedisProcess.endAll(directory);
        RedisProcess process = launchOnFreePort(executable, directory, usualPort);
        LOG.info("started the embedded Redis on port {}, data in {}", process.port(), directory.data());
        return new EmbeddedRedis(directory, executable, lock, process, false, onRestart);
    }

    private static RedisProcess launchOnFreePort(Path executable, RedisDirectory directory, int usualPort)
            throws IOException {
        int port = RedisProcess.isTaken(usualPort) ? RedisProcess.freePort() : usualPort;
        try {
            return RedisProcess.launch(executable, directory, port);
        } catch (EmbeddedRedisException e) {
            if (!RedisProcess.isTaken(port)) {
                throw e;
            }
            LOG.info("port {} was taken a moment ago, trying another", port);
            return RedisProcess.launch(executable, directory, RedisProcess.freePort());
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (e instanceof FileAlreadyExistsException there) {
            return there.getFile() + " is not a directory";
        }
        return e instanceof FileSystemException || e.getMessage() != null
                ? String.valueOf(e.getMessage())
                : e.getClass().getSimpleName();
    }

    /**
     * The port on which the embedded Redis of a data directory listens, as far as its files tell; for other processes than
     * the one that started it. Empty when none was started there, or it was stopped.
     */
    public static OptionalInt recordedPort(Path dataDir) {
        return RedisDirectory.at(dataDir).recordedPort();
    }

    /** Where it listens; stays the same for life. */
    public int port() {
        return process.port();
    }

    /** Where it listens, such as {@code redis://127.0.0.1:6379}. */
    public URI uri() {
        return URI.create("redis://127.0.0.1:" + port());
    }

    /** Whether it was running already. */
    public boolean isAdopted() {
        return adopted;
    }

    long pid() {
        return process.pid();
    }

    private void watch() {
        long backOff = 0;
        long since = System.nanoTime();
        while (!isStopping(TURN_MILLIS)) {
            awaitDeath();
            if (!isStopping(0) && process.isGone()) {
                backOff = System.nanoTime() - since > LONG_LIFE_NANOS ? 0 : longer(backOff);
                if (isStopping(backOff)) {
                    return;
                }
                restart();
                since = System.nanoTime();
            }
        }
    }

    private static long longer(long pause) {
        return Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, pause * 2));
    }

    private boolean isStopping(long withinMillis) {
        try {
            return stopping.await(withinMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void awaitDeath() {
        try (RespConnection connection = process.watch()) {
            watched = connection;
            if (stopping.getCount() > 0) {
                connection.awaitEnd();
            }
        } catch (IOException e) {
            LOG.debug("the embedded Redis does not accept connections", e);
        }
    }

    private void restart() {
        LOG.warn("the embedded Redis (process {}) has died, starting it again; see {}", pid(), directory.log());
        try {
            process = RedisProcess.launch(binary, directory, port());
            LOG.info("the embedded Redis is back on port {}", port());
            onRestart.run();
        } catch (IOException | EmbeddedRedisException e) {
            LOG.error("the embedded Redis does not start again; trying on: {}", e.getMessage());
        }
    }

    /** Stops Redis after it has written everything to its file. Blocks until then, 20 s at most. Idempotent. */
    @Override
    public void close() {
        if (stopping.getCount() == 0) {
            return;
        }
        stopping.countDown();
        try {
            RespConnection connection = watched;
            if (connection != null) {
                connection.close();
            }
            watcher.join(LAUNCH_MILLIS);
            process.end();
            directory.forgetPort();
            lock.close();
        } catch (IOException e) {
            LOG.warn("the embedded Redis has left something behind in {}: {}", directory, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.end();
        }
    }
}
