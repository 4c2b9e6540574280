package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A Redis in a container. Its port is the same inside and outside, so that it survives a restart; a network mode other
 * than the default, such as {@code host}, is taken from {@code REDMESSENGER_TEST_NETWORK}.
 */
final class ContainerRedis implements RedisServer {

    private final GenericContainer<?> container;
    private final String image;
    private final int port;
    private boolean created;

    ContainerRedis(String image) {
        this.image = image;
        try {
            this.port = BinaryRedis.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.container = container(image, port);
    }

    @SuppressWarnings("resource") // closed by close()
    private static GenericContainer<?> container(String image, int port) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image))
                .withCommand("--port", Integer.toString(port), "--appendonly", "yes", "--save", "")
                .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1));
        String network = System.getenv("REDMESSENGER_TEST_NETWORK");
        if (network != null) {
            return container.withNetworkMode(network);
        }
        container.setPortBindings(List.of(port + ":" + port));
        return container.withExposedPorts(port);
    }

    static boolean isEngineThere() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String description() {
        return "a container of " + image;
    }

    @Override
    public void start() {
        if (!created) {
            container.start();
            created = true;
        } else {
            container
                    .getDockerClient()
                    .startContainerCmd(container.getContainerId())
                    .exec();
        }
        RedisPing.awaitAnswer(host(), port);
    }

    @Override
    public void stop() {
        container
                .getDockerClient()
                .stopContainerCmd(container.getContainerId())
                .withTimeout(10)
                .exec();
    }

    @Override
    public void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void pause() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void resume() {
        container
                .getDockerClient()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void close() {
        container.stop();
    }
}
