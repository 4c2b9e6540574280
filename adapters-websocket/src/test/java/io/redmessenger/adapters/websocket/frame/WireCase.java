package io.redmessenger.adapters.websocket.frame;

import static io.redmessenger.adapters.websocket.frame.ClientFrames.FIN;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.close;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.frame;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.join;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.ping;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.text;
import static io.redmessenger.adapters.websocket.frame.ClientFrames.unmasked;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What a client may send, and what a server that echoes messages has to answer: {@code text:…}, {@code binary:…}, {@code
 * pong:…} and at last {@code close:code}. The groups are those of the well-known test suite of Autobahn.
 */
final class WireCase {
    private final String name;
    private final byte[] sent;
    private final List<String> answers;

    private WireCase(String name, byte[] sent, List<String> answers) {
        this.name = name;
        this.sent = sent;
        this.answers = answers;
    }

    byte[] sent() {
        return sent.clone();
    }

    List<String> answers() {
        return answers;
    }

    static final int MAX_MESSAGE_BYTES = 100_000;

    private static final byte[] NONE = {};

    @Override
    public String toString() {
        return name;
    }

    static List<WireCase> all() {
        List<WireCase> cases = new ArrayList<>();
        framing(cases);
        pings(cases);
        reservedBitsAndOpcodes(cases);
        fragmentation(cases);
        utf8(cases);
        closing(cases);
        limits(cases);
        return cases;
    }

    private static void framing(List<WireCase> cases) {
        for (int length : new int[] {0, 1, 125, 126, 127, 128, 65_535, 65_536, MAX_MESSAGE_BYTES}) {
            String text = "*".repeat(length);
            add(cases, "1.1 text of " + length, join(text(text), close(1000, "")), "text:" + text, "close:1000");
            byte[] bytes = text.replace('*', (char) 0xfe).getBytes(StandardCharsets.ISO_8859_1);
            add(
                    cases,
                    "1.2 binary of " + length,
                    join(frame(FIN | Frame.BINARY, bytes), close(1000, "")),
                    "binary:" + "fe".repeat(length),
                    "close:1000");
        }
        add(cases, "1.3 unmasked text", unmasked(FIN | Frame.TEXT, bytes("Hello")), "close:1002");
        add(cases, "1.3 unmasked ping", unmasked(FIN | Frame.PING, NONE), "close:1002");
        add(cases, "1.3 unmasked close", unmasked(FIN | Frame.CLOSE, NONE), "close:1002");
        add(cases, "1.4 length 125 in 16 bits", frame(FIN | Frame.TEXT, 2, 125, bytes("*".repeat(125))), "close:1002");
        add(cases, "1.4 length 5 in 64 bits", frame(FIN | Frame.TEXT, 8, 5, bytes("Hello")), "close:1002");
        add(cases, "1.4 length 65535 in 64 bits", frame(FIN | Frame.TEXT, 8, 65_535, NONE), "close:1002");
        add(cases, "1.4 highest bit of the length", frame(FIN | Frame.TEXT, 8, Long.MIN_VALUE + 5, NONE), "close:1002");
        add(cases, "1.4 all bits of the length", frame(FIN | Frame.TEXT, 8, -1, NONE), "close:1002");
    }

    private static void pings(List<WireCase> cases) {
        add(cases, "2.1 empty ping", join(ping(""), close(1000, "")), "pong:", "close:1000");
        add(cases, "2.2 ping", join(ping("Hello"), close(1000, "")), "pong:48656c6c6f", "close:1000");
        add(
                cases,
                "2.3 binary ping",
                join(frame(FIN | Frame.PING, HexFormat.of().parseHex("00fffefdfcfb00ff")), close(1000, "")),
                "pong:00fffefdfcfb00ff",
                "close:1000");
        add(
                cases,
                "2.4 ping of 125",
                join(frame(FIN | Frame.PING, bytes("z".repeat(125))), close(1000, "")),
                "pong:" + "7a".repeat(125),
                "close:1000");
        add(cases, "2.5 ping of 126", frame(FIN | Frame.PING, bytes("z".repeat(126))), "close:1002");
        add(cases, "2.5 ping of 65536", frame(FIN | Frame.PING, bytes("z".repeat(65_536))), "close:1002");
        byte[] pong = frame(FIN | Frame.PONG, bytes("unsolicited"));
        add(cases, "2.7 unsolicited pong", join(pong, close(1000, "")), "close:1000");
        add(cases, "2.8 unsolicited pong and ping", join(pong, ping("a"), close(1000, "")), "pong:61", "close:1000");
        add(
                cases,
                "2.10 ten pings",
                join(
                        ping("0"),
                        ping("1"),
                        ping("2"),
                        ping("3"),
                        ping("4"),
                        ping("5"),
                        ping("6"),
                        ping("7"),
                        ping("8"),
                        ping("9"),
                        close(1000, "")),
                "pong:30",
                "pong:31",
                "pong:32",
                "pong:33",
                "pong:34",
                "pong:35",
                "pong:36",
                "pong:37",
                "pong:38",
                "pong:39",
                "close:1000");
    }

    private static void reservedBitsAndOpcodes(List<WireCase> cases) {
        for (int bits = 0x10; bits <= 0x70; bits += 0x10) {
            String name = "3 reserved bits " + Integer.toHexString(bits);
            byte[] bad = frame(FIN | bits | Frame.TEXT, bytes("*"));
            add(cases, name, join(text("good"), bad, ping("late")), "text:good", "close:1002");
            add(cases, name + " on ping", frame(FIN | bits | Frame.PING, NONE), "close:1002");
            add(cases, name + " on close", frame(FIN | bits | Frame.CLOSE, NONE), "close:1002");
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            byte[] bad = frame(FIN | opcode, bytes("x"));
            add(cases, "4 opcode " + opcode, join(text("good"), bad, ping("late")), "text:good", "close:1002");
            add(cases, "4 opcode " + opcode + " without payload", frame(FIN | opcode, NONE), "close:1002");
        }
    }

    private static void fragmentation(List<WireCase> cases) {
        byte[] first = frame(Frame.TEXT, bytes("frag"));
        byte[] middle = frame(Frame.CONTINUATION, bytes("-mid-"));
        byte[] last = frame(FIN | Frame.CONTINUATION, bytes("ment"));
        byte[] bye = close(1000, "");
        add(cases, "5.1 fragmented ping", frame(Frame.PING, bytes("a")), "close:1002");
        add(cases, "5.2 fragmented pong", frame(Frame.PONG, bytes("a")), "close:1002");
        add(cases, "5.2 fragmented close", frame(Frame.CLOSE, NONE), "close:1002");
        add(cases, "5.3 two fragments", join(first, last, bye), "text:fragment", "close:1000");
        add(cases, "5.3 three fragments", join(first, middle, last, bye), "text:frag-mid-ment", "close:1000");
        add(
                cases,
                "5.6 ping between fragments",
                join(first, ping("p"), middle, ping("q"), last, bye),
                "pong:70",
                "pong:71",
                "text:frag-mid-ment",
                "close:1000");
        add(cases, "5.9 continuation of nothing", join(last, text("late")), "close:1002");
        add(cases, "5.10 unfinished continuation of nothing", middle, "close:1002");
        add(cases, "5.15 continuation after the end", join(first, last, middle), "text:fragment", "close:1002");
        add(cases, "5.18 text within a message", join(first, text("other")), "close:1002");
        add(cases, "5.18 binary within a message", join(first, frame(Frame.BINARY, NONE)), "close:1002");
        byte[] emptyFirst = frame(Frame.TEXT, NONE);
        byte[] emptyMiddle = frame(Frame.CONTINUATION, NONE);
        byte[] emptyLast = frame(FIN | Frame.CONTINUATION, NONE);
        add(cases, "5.19 empty fragments", join(emptyFirst, emptyMiddle, emptyLast, bye), "text:", "close:1000");
        add(cases, "5.19 empty start", join(emptyFirst, emptyMiddle, last, bye), "text:ment", "close:1000");
        add(cases, "5.19 empty end", join(first, emptyMiddle, emptyLast, bye), "text:frag", "close:1000");
        add(cases, "5.19 text within empty fragments", join(emptyFirst, text("x")), "close:1002");
        add(
                cases,
                "5.20 fragmented binary",
                join(
                        frame(Frame.BINARY, new byte[] {1}),
                        frame(FIN | Frame.CONTINUATION, new byte[] {(byte) 0xff}),
                        bye),
                "binary:01ff",
                "close:1000");
        add(cases, "5.21 close within a message", join(first, bye, last), "close:1000");
    }

    private static void utf8(List<WireCase> cases) {
        byte[] bye = close(1000, "");
        String greek = "κόσμε 日本 \ud83d\ude80";
        add(cases, "6.2 characters", join(text(greek), bye), "text:" + greek, "close:1000");
        byte[] encoded = bytes(greek);
        byte[] oneByOne = frame(Frame.TEXT, NONE);
        for (byte b : encoded) {
            oneByOne = join(oneByOne, frame(Frame.CONTINUATION, new byte[] {b}));
        }
        add(
                cases,
                "6.2 a fragment per byte",
                join(oneByOne, frame(FIN | Frame.CONTINUATION, NONE), bye),
                "text:" + greek,
                "close:1000");
        for (String invalid : new String[] {
            "80",
            "bf",
            "c080",
            "c1bf",
            "e08080",
            "e09fbf",
            "eda080",
            "edbfbf",
            "edad80edb080",
            "f0808080",
            "f08fbfbf",
            "f4908080",
            "f8",
            "fc",
            "fe",
            "ff",
            "c2",
            "e282",
            "f09f9a",
            "cebae1bdb9cf83cebcceb5eda080656469746564"
        }) {
            byte[] bytes = HexFormat.of().parseHex(invalid);
            add(cases, "6.3 text " + invalid, join(frame(FIN | Frame.TEXT, bytes), text("late")), "close:1007");
            add(
                    cases,
                    "6.3 fragmented text " + invalid,
                    join(frame(Frame.TEXT, bytes), frame(FIN | Frame.CONTINUATION, NONE), text("late")),
                    "close:1007");
        }
        // the server must not wait for the rest of a frame or a message that is invalid already
        byte[] early = HexFormat.of().parseHex("cebae1bdb9f4908080");
        add(cases, "6.4 invalid fragment", frame(Frame.TEXT, early), "close:1007");
        add(cases, "6.4 invalid within a frame", frame(FIN | Frame.TEXT, 2, 5_000, early), "close:1007");
        for (String valid : new String[] {"efbfbe", "efbfbf", "f09fbfbe", "f48fbfbf", "00", "ed9fbf", "ee8080"}) {
            byte[] bytes = HexFormat.of().parseHex(valid);
            String text = new String(bytes, StandardCharsets.UTF_8);
            add(cases, "6.22 " + valid, join(frame(FIN | Frame.TEXT, bytes), bye), "text:" + text, "close:1000");
        }
    }

    private static void closing(List<WireCase> cases) {
        byte[] bye = close(1000, "bye");
        add(cases, "7.1 message and close", join(text("last"), bye), "text:last", "close:1000");
        add(cases, "7.1 two closes", join(bye, bye), "close:1000");
        add(cases, "7.1 ping after close", join(bye, ping("late")), "close:1000");
        add(cases, "7.1 text after close", join(bye, text("late")), "close:1000");
        add(cases, "7.1 nonsense after close", join(bye, bytes("*".repeat(200_000))), "close:1000");
        add(cases, "7.3 empty close", frame(FIN | Frame.CLOSE, NONE), "close:1005");
        add(cases, "7.3 close of one byte", frame(FIN | Frame.CLOSE, new byte[] {3}), "close:1002");
        add(cases, "7.3 longest reason", close(1000, "r".repeat(123)), "close:1000");
        add(cases, "7.3 reason too long", close(1000, "r".repeat(124)), "close:1002");
        byte[] badReason = join(new byte[] {3, (byte) 0xe8}, HexFormat.of().parseHex("cebaeda080"));
        add(cases, "7.5 invalid reason", frame(FIN | Frame.CLOSE, badReason), "close:1007");
        byte[] cutReason = join(new byte[] {3, (byte) 0xe8}, HexFormat.of().parseHex("e282"));
        add(cases, "7.5 reason that ends within a character", frame(FIN | Frame.CLOSE, cutReason), "close:1007");
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            add(cases, "7.7 code " + code, close(code, "r"), "close:" + code);
        }
        for (int code : new int[] {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            add(cases, "7.9 code " + code, close(code, ""), "close:1002");
        }
    }

    private static void limits(List<WireCase> cases) {
        int tooMany = MAX_MESSAGE_BYTES + 1;
        add(cases, "9.1 declared too long", frame(FIN | Frame.TEXT, 8, tooMany, NONE), "close:1009");
        add(cases, "9.1 declared as the longest", frame(FIN | Frame.BINARY, 8, Long.MAX_VALUE, NONE), "close:1009");
        byte[] half = frame(Frame.TEXT, bytes("*".repeat(MAX_MESSAGE_BYTES / 2)));
        byte[] otherHalf = frame(FIN | Frame.CONTINUATION, bytes("*".repeat(MAX_MESSAGE_BYTES / 2)));
        add(
                cases,
                "9.3 fragments of the greatest length",
                join(half, otherHalf, close(1000, "")),
                "text:" + "*".repeat(MAX_MESSAGE_BYTES),
                "close:1000");
        byte[] rest = frame(FIN | Frame.CONTINUATION, 2, MAX_MESSAGE_BYTES / 2 + 1, NONE);
        add(cases, "9.3 fragments declared too long", join(half, rest), "close:1009");
        add(
                cases,
                "9.7 twenty messages",
                join(repeat(text("m"), 20), close(1000, "")),
                repeat("text:m", 20, "close:1000"));
    }

    private static byte[] repeat(byte[] bytes, int times) {
        byte[] all = NONE;
        for (int i = 0; i < times; i++) {
            all = join(all, bytes);
        }
        return all;
    }

    private static String[] repeat(String answer, int times, String last) {
        String[] all = new String[times + 1];
        Arrays.fill(all, answer);
        all[times] = last;
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void add(List<WireCase> cases, String name, byte[] sent, String... answers) {
        cases.add(new WireCase(name, sent, List.of(answers)));
    }
}
