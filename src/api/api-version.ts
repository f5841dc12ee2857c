/** The version of the API's description; the server's own is in `GET /capabilities`. */
export const apiVersion = "0.1.0";
