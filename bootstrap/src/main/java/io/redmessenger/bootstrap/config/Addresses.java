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

    /** The URI without its password. */
    static String masked(URI uri) {
        String userInfo = uri.getRawUserInfo();
        if (userInfo == null) {
            return uri.toString();
        }
        int colon = userInfo.indexOf(':');
        String shown = colon < 0 ? SECRET : userInfo.substring(0, colon + 1) + SECRET;
        return uri.toString().replace(userInfo + "@", shown + "@");
    }
}
