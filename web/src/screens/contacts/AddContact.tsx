import { Button, Group, Modal, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { ApiError, sentence } from "@/api/error";

import { tagList, useAddContact } from "./contacts";

/** Somebody is added by hand. Who has the number or the address already is brought up to date. */
export function AddContact({ onClose }: { onClose: () => void }) {
  const [, go] = useLocation();
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [email, setEmail] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const { data: known } = useQuery(tagList);
  const add = useAddContact();
  const details = add.error instanceof ApiError ? add.error.details : [];
  const wrong = (field: string) => details.find((detail) => detail.field === field)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = { name: name.trim(), ...(phone && { phone: phone.replace(/[\s()-]/g, "") }), ...(email && { email: email.trim() }), tags };
    add.mutate(made, { onSuccess: (contact) => go(`/contacts/${contact.id}`) });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>Add contact</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" required data-autofocus value={name} error={wrong("name")} onChange={(event) => setName(event.target.value)} />
          <TextInput label="Phone" type="tel" placeholder="+49 151 12345678" description="With + and the country code; needed for WhatsApp" value={phone} error={wrong("phone")} onChange={(event) => setPhone(event.target.value)} />
          <TextInput label="E-mail" type="email" value={email} error={wrong("email")} onChange={(event) => setEmail(event.target.value)} />
          <TagsInput label="Tags" data={known?.map((each) => each.tag) ?? []} value={tags} onChange={setTags} />
          {add.error && !details.length && (
            <Text c="red" size="sm" role="alert">
              {sentence(add.error)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add contact
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
