package io.redmessenger.adapters.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A script of {@code resources/lua}. */
final class LuaScript {

    static final LuaScript APPEND = new LuaScript("append");
    static final LuaScript ATTACH = new LuaScript("attach");
    static final LuaScript ACKNOWLEDGE = new LuaScript("acknowledge");
    static final LuaScript PAGE = new LuaScript("page");
    static final LuaScript CLEAR = new LuaScript("clear");
    static final LuaScript ACQUIRE = new LuaScript("acquire");
    static final LuaScript RENEW = new LuaScript("renew");
    static final LuaScript TAKE = new LuaScript("take");
    static final LuaScript BEGIN = new LuaScript("begin");
    static final LuaScript FINISH = new LuaScript("finish");
    static final LuaScript CLAIM = new LuaScript("claim");
    static final LuaScript BEAT = new LuaScript("beat");
    static final LuaScript MARK = new LuaScript("mark");
    static final LuaScript LOOK = new LuaScript("look");
    static final LuaScript BURY = new LuaScript("bury");
    static final LuaScript RIGHTS = new LuaScript("rights");

    private final String source;
    private final String sha;

    private LuaScript(String name) {
        this.source = read("/lua/" + name + ".lua");
        this.sha = shaOf(source);
    }

    String source() {
        return source;
    }

    /** The name by which Redis knows the script once it has seen its source. */
    String sha() {
        return sha;
    }

    private static String read(String path) {
        try (InputStream in = LuaScript.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shaOf(String source) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
