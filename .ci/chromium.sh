#!/usr/bin/env bash
# The browser tests drive Chromium. Finds one, installs Debian's where that is allowed, else says what to type.
# Ends well in every case: the browser tests themselves fail, and say the same, where none is found.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium for the browser tests"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
    exit 0
  fi
fi

echo "The browser tests need Chromium, and it cannot be installed from here. Run:"
case "$(uname)" in
  Darwin) echo "    brew install --cask chromium" ;;
  *)      echo "    sudo apt-get install chromium        (or your system's package of that name)" ;;
esac
exit 0
