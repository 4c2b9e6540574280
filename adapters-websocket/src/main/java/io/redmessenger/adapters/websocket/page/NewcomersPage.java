package io.redmessenger.adapters.websocket.page;

import io.undertow.server.handlers.PathHandler;
import io.undertow.util.HttpString;
import java.util.Map;

/**
 * Says what this server is and lets a newcomer try it; and the JavaScript client, for pages of any origin. The page runs
 * its own script only, and speaks to its own server only (Content Security Policy), whatever a message contains.
 */
public final class NewcomersPage {

    private static final String JAVASCRIPT = "text/javascript; charset=utf-8";

    private static final Map<HttpString, String> OWN_USE = Map.of(
            new HttpString("Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                    + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            new HttpString("Referrer-Policy"),
            "no-referrer",
            new HttpString("Cross-Origin-Opener-Policy"),
            "same-origin");

    private static final Map<HttpString, String> FOR_EVERYBODY = Map.of(
            new HttpString("Access-Control-Allow-Origin"),
            "*",
            new HttpString("Cross-Origin-Resource-Policy"),
            "cross-origin");

    private NewcomersPage() {}

    /** @param rmRoute where the client connects */
    public static void addTo(PathHandler routes, String rmRoute) {
        routes.addExactPath(
                        "/",
                        PackagedFile.read(
                                "index.html", "text/html; charset=utf-8", OWN_USE, "{rm_route}", attribute(rmRoute)))
                .addExactPath("/page.css", PackagedFile.read("page.css", "text/css; charset=utf-8", OWN_USE))
                .addExactPath("/page.js", PackagedFile.read("page.js", JAVASCRIPT, OWN_USE))
                .addExactPath("/icon.svg", PackagedFile.read("icon.svg", "image/svg+xml", OWN_USE))
                .addExactPath("/redmessenger.js", PackagedFile.read("redmessenger.js", JAVASCRIPT, FOR_EVERYBODY))
                .addExactPath("/redmessenger.mjs", PackagedFile.read("redmessenger.mjs", JAVASCRIPT, FOR_EVERYBODY));
    }

    private static String attribute(String text) {
        return text.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
    }
}
