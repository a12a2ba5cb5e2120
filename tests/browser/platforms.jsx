// The two platforms' own way of drawing, as far as it is to be had: both put the card into #card.

import {
  AdaptiveCard,
  GlobalRegistry,
  HostConfig,
  SerializationContext,
  Table,
  Version,
  Versions,
} from "adaptivecards";
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { Message } from "slack-blocks-to-jsx";

const LOGO = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==";
// Close to what Teams uses; without colours of its own the renderer shows containers of a state as plain white.
const TEAMS = new HostConfig({
  fontFamily: "Segoe UI, system-ui, sans-serif",
  actions: { maxActions: 6 }, // beside each other; Teams folds the rest
  spacing: { small: 4, default: 8, medium: 16, large: 24, extraLarge: 32, padding: 16 },
  fontSizes: { small: 12, default: 14, medium: 16, large: 20, extraLarge: 28 },
  containerStyles: {
    default: { backgroundColor: "#FFFFFF", foregroundColors: colours("#242424", "#616161") },
    emphasis: { backgroundColor: "#F5F5F5", foregroundColors: colours("#242424", "#616161") },
    good: { backgroundColor: "#E7F2DA", foregroundColors: colours("#242424", "#424242") },
    warning: { backgroundColor: "#FBF6D9", foregroundColors: colours("#242424", "#424242") },
    attention: { backgroundColor: "#F9E9E9", foregroundColors: colours("#242424", "#424242") },
  },
});

function colours(text, subtle) {
  const pair = (colour) => ({ default: colour, subtle: colour });
  return {
    default: { default: text, subtle },
    good: pair("#13670F"),
    warning: pair("#835B00"),
    attention: pair("#B10E1C"),
    accent: pair("#5B5FC7"),
  };
}

// The bundler drops elements that nothing names, and with them their registration.
GlobalRegistry.defaultElements.register("Table", Table, new Version(1, 5));

let drawnBefore = null;

window.draw = (kind, content) => {
  const place = document.getElementById("card");
  drawnBefore?.unmount();
  drawnBefore = null;
  place.replaceChildren();
  if (kind === "slack") {
    // This renderer takes `verbatim` for plain text; in Slack it only keeps names and addresses from becoming links.
    const blocks = JSON.parse(JSON.stringify(content, (key, value) => (key === "verbatim" ? undefined : value)));
    const message = <Message blocks={blocks} logo={LOGO} name="backstay" theme="light" time={new Date(0)} />;
    drawnBefore = createRoot(place);
    flushSync(() => drawnBefore.render(message));
    return;
  }
  const { card, said } = parsed(content);
  place.appendChild(card.render());
  said.filter((word) => !STANDS_IN.test(word)).forEach((word) => console.error(word));
};

// Charts are Teams' own and no part of this renderer: it says so and draws their fallback, which is what is looked at here.
const STANDS_IN = /Chart\.(Line|HorizontalBar)/;

function parsed(content) {
  const card = new AdaptiveCard();
  card.hostConfig = TEAMS;
  const context = new SerializationContext(Versions.v1_5);
  card.parse(content, context);
  const found = [...Array(context.eventCount).keys()].map((at) => context.getEventAt(at));
  return { card, said: [...found, ...card.validateProperties().validationEvents].map((one) => one.message) };
}

// Every word of complaint of Microsoft's own parser about a card.
window.validate = (content) => parsed(content).said.filter((word) => !STANDS_IN.test(word));
