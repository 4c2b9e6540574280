package io.redmessenger.adapters.websocket.frame;

/** Close codes of RFC 6455, section 7.4, and who may put which of them on the wire. */
final class CloseCodes {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNACCEPTABLE_DATA = 1003;
    /** Never on the wire: the peer's close frame had no code. */
    static final int NO_STATUS = 1005;
    /** Never on the wire: the connection ended without a closing handshake. */
    static final int ABNORMAL = 1006;

    static final int INVALID_TEXT = 1007;
    static final int TOO_BIG = 1009;
    static final int INTERNAL_ERROR = 1011;

    private CloseCodes() {}

    /** Whether {@code code} may stand in a close frame: 1000 to 1014 without 1004 to 1006, and 3000 to 4999. */
    static boolean isValid(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
