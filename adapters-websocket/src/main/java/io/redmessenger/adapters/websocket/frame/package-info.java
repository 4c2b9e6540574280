/**
 * A WebSocket server (RFC 6455) on Undertow's raw connection upgrade: handshake, framing, flow accounting and timers.
 *
 * <p>It knows no protocol above WebSocket. Everything of one connection happens on its I/O thread; other threads reach it
 * through one mailbox per I/O thread. What is queued for a connection in one turn of that thread leaves in one write, from
 * frames that were encoded once and are shared by all their receivers. An idle connection holds no buffer, no armed write
 * interest and no timer but those that its listener has asked for.
 */
@NullMarked
package io.redmessenger.adapters.websocket.frame;

import org.jspecify.annotations.NullMarked;
