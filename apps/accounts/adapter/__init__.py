"""How allauth works in our houses: people and their sessions, second factors, a firm's own provider."""
