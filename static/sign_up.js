// Sign-up: the address that a name suggests, and forms that send themselves after a moment (each has its button).
"use strict";

const organization = document.querySelector("#id_name");
const subdomain = document.querySelector("#id_subdomain");
const address = document.querySelector("#address");

// What the server takes: letters without their accents, digits, single hyphens within, 30 at most.
function suggested(name) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/&/g, " and ").replace(/[^a-z0-9]+/g, "-").slice(0, 30).replace(/^-+|-+$/g, "");
}

function showAddress() {
  if (!address) return;
  address.hidden = !subdomain.value;
  address.textContent = `${subdomain.value.trim().toLowerCase()}.${address.dataset.domain}`;
}

if (organization && subdomain && address) {
  let isOwn = Boolean(subdomain.value);
  organization.addEventListener("input", () => {
    if (!isOwn) subdomain.value = suggested(organization.value);
    showAddress();
  });
  subdomain.addEventListener("input", () => { isOwn = Boolean(subdomain.value); showAddress(); });
  showAddress();
}

for (const form of document.querySelectorAll("form[data-send-after]")) {
  setTimeout(() => form.requestSubmit(), Number(form.dataset.sendAfter));
}
