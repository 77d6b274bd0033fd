# The first program of Pycom's tutorial "Socket", for CPython; thread_server.ts
# is the same in TypeScript, and demo.ts compares them:
#
# python3 examples/thread_server.py 127.0.0.1 6543

import _thread
import socket
import sys


# Thread for handling a client
def client_thread(clientsocket, n):
    # Receive maximum of 12 bytes from the client
    r = clientsocket.recv(12)

    # If recv() returns with 0 the other end closed the connection
    if len(r) == 0:
        clientsocket.close()
        return
    else:
        # Do something with the received data...
        print("Received: {}".format(r.decode()))

    # Sends back some data
    clientsocket.send(str(n).encode())

    # Close the socket and terminate the thread
    clientsocket.close()


# Set up server socket
serversocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
serversocket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
serversocket.bind((sys.argv[1], int(sys.argv[2])))

# Accept maximum of 128 connections at the same time (the original has 5 here:
# more that come at once, the system turns away to try again)
serversocket.listen(128)
print("Listening at", serversocket.getsockname(), flush=True)

# Unique data to send back
c = 0
while True:
    # Accept the connection of the clients
    (clientsocket, address) = serversocket.accept()
    # Start a new thread to handle the client
    _thread.start_new_thread(client_thread, (clientsocket, c))
    c = c + 1
