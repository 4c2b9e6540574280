// The client as users of 2015 have it in their pages: this constructor, these properties, this event.
// Written anew after its documented behaviour; only the address differs from page to page.
function RedMessenger(url, userID, userKey) {
    var self = this;
    self.url = url;
    self.userID = userID;
    self.userKey = userKey || '';

    self.onMessage = function (msg) {
        console.log('RedMessage! ' + msg.payload);
    };

    var socket = io(self.url);
    socket.on('connect', function () {
        socket.emit('identifier', self.userKey ? self.userID + ':' + self.userKey : self.userID);
    });
    socket.on('message', function (msg) {
        self.onMessage(msg);
    });
}
