// Passkeys: a form with data-passkey asks the device, puts its answer into "credential" and sends itself.
"use strict";
(() => {
  const decode = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const encode = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

  async function create(options, form) {
    const publicKey = structuredClone(options.publicKey);
    publicKey.challenge = decode(publicKey.challenge);
    publicKey.user.id = decode(publicKey.user.id);
    publicKey.excludeCredentials = descriptors(publicKey.excludeCredentials);
    const alone = form.elements.passwordless?.checked;
    const selection = { ...publicKey.authenticatorSelection };
    selection.residentKey = alone ? "required" : "discouraged";
    selection.requireResidentKey = Boolean(alone);
    if (alone) selection.userVerification = "required";
    publicKey.authenticatorSelection = selection;
    const made = await navigator.credentials.create({ publicKey });
    return {
      ...common(made),
      response: {
        attestationObject: encode(made.response.attestationObject),
        clientDataJSON: encode(made.response.clientDataJSON),
        transports: made.response.getTransports(),
      },
    };
  }

  async function get(options) {
    const publicKey = structuredClone(options.publicKey);
    publicKey.challenge = decode(publicKey.challenge);
    publicKey.allowCredentials = descriptors(publicKey.allowCredentials);
    const shown = await navigator.credentials.get({ publicKey });
    return {
      ...common(shown),
      response: {
        authenticatorData: encode(shown.response.authenticatorData),
        clientDataJSON: encode(shown.response.clientDataJSON),
        signature: encode(shown.response.signature),
        userHandle: shown.response.userHandle ? encode(shown.response.userHandle) : null,
      },
    };
  }

  const common = (credential) => ({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  });

  const onPage = () => JSON.parse(document.getElementById("passkey-data").textContent);
  const asked = async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const acts = {
    create: async (form) => create(onPage().creation_options, form),
    get: async () => get(onPage().request_options),
    "sign-in": async (form) => get((await asked(form)).request_options),
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const words = form.querySelector("p[role=alert][hidden]") || form.querySelector("p[role=alert]");
      try {
        form.elements.credential.value = JSON.stringify(await acts[form.dataset.passkey](form));
        form.submit();
      } catch {
        words.textContent = "The device did not answer for this address. Try again, or choose another way.";
        words.hidden = false;
      }
    });
  }
})();
