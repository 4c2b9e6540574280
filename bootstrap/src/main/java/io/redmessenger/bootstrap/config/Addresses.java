package io.redmessenger.bootstrap.config;

import java.net.URI;

/** How hosts and URIs are written. */
final class Addresses {

    static final String SECRET = "***";

    private Addresses() {}

    /** A host as it stands in a URI: an IPv6 address in brackets. */
    static String bracketed(String host) {
        return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /** The URI without its password. It may name several hosts. */
    static String masked(URI uri) {
        String authority = uri.getRawAuthority();
        int at = authority == null ? -1 : authority.lastIndexOf('@');
        if (at < 0) {
            return uri.toString();
        }
        String userInfo = authority.substring(0, at);
        int colon = userInfo.indexOf(':');
        String shown = colon < 0 ? SECRET : userInfo.substring(0, colon + 1) + SECRET;
        return uri.toString().replace(userInfo + "@", shown + "@");
    }
}
