package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.in.Administration;
import io.redmessenger.domain.message.Payload;
import io.redmessenger.domain.recipient.Recipient;
import java.util.concurrent.CompletionStage;

/** What a command does with Redis itself, without a server of ours. Used by one command, and closed at its end. */
public interface BackendAccess extends AutoCloseable {

    /**
     * Says it by Redis' {@code PUBLISH}, as any backend does.
     *
     * @return how many nodes were listening: with 0 the message is lost. Fails with
     *     {@link io.redmessenger.application.port.out.PortException}
     */
    CompletionStage<Long> publish(Recipient to, Payload payload);

    Administration administration();

    @Override
    void close();
}
