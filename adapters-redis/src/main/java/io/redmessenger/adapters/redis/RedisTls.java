package io.redmessenger.adapters.redis;

import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.SslOptions;
import java.nio.file.Path;
import java.security.SignatureException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** TLS towards Redis: whom to trust, and what to do when a handshake fails. */
final class RedisTls {

    private RedisTls() {}

    /** @param authorities PEM file of the certificates to trust; those of the JDK without it */
    static SslOptions options(Optional<Path> authorities) {
        SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
        authorities.ifPresent(file -> options.trustManager(file.toFile()));
        return options.build();
    }

    /** What is wrong and what to do, when a connection fails by TLS, or may do so. */
    static Optional<String> explain(Throwable failure) {
        Optional<String> found = Optional.empty();
        Throwable t = failure;
        for (int depth = 0; t != null && depth < 20; depth++) {
            if (t instanceof CertPathBuilderException || t instanceof SignatureException) { // the innermost says most
                return Optional.of(
                        "the certificate of Redis is not signed by anybody who is trusted; name the PEM file of"
                                + " its authority in redis_tls_ca");
            }
            if (t instanceof CertificateException) {
                found = Optional.of("the certificate of Redis is refused: " + t.getMessage()
                        + "; it must be valid, and name the host that is in redis_url");
            } else if (t instanceof RedisCommandTimeoutException
                    && String.valueOf(t.getMessage()).contains("initialization")) {
                found = Optional.of("Redis took the connection and did not answer in time; if it is not just slow:"
                        + " rediss:// needs the port on which Redis speaks TLS (its tls-port), and redis:// the other");
            } else if (t instanceof SSLException && found.isEmpty()) {
                found = Optional.of("TLS with Redis failed: " + t.getMessage()
                        + "; rediss:// needs the port on which Redis speaks TLS (its tls-port)");
            }
            t = t.getCause();
        }
        return found;
    }
}
