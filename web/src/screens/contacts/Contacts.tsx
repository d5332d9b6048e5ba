import { useRoute } from "wouter";

import { ContactTable } from "./ContactTable";
import { Profile } from "./Profile";

/** Everybody who wrote or was added, and each one's profile. */
export default function Contacts() {
  const [, params] = useRoute("/contacts/:contact");
  return params?.contact ? <Profile key={params.contact} id={params.contact} /> : <ContactTable />;
}
