"""The door from a checkout: hands over to the program."""

from hotspot.__main__ import main

if __name__ == "__main__":
    main()
