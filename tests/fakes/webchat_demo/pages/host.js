// The chat lives on another origin: 127.0.0.1 for a page that was opened on localhost, and the other way round.
const there = location.hostname === "localhost" ? "127.0.0.1" : "localhost";
const script = document.createElement("script");
script.src = `${location.protocol}//${there}:${location.port}/chat/ch_demo/widget.js`;
script.async = true;
document.head.append(script);
